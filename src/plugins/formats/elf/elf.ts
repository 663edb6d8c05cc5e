// What an ELF file says about itself: machine, system, kind, and its dynamic section.

import type { Kind, LibraryImage, Platform } from "../image.ts";
import type { Range } from "../reader.ts";
import { ElfFile } from "./elf-file.ts";
import { collectExports } from "./elf-symbols.ts";

/**
 * e_machine / class / byte order → process.arch and the common name. Node.js for ppc64 exists on Linux for the
 * little-endian machine only, so `ppc64` means that one.
 */
const MACHINES: Readonly<Record<string, readonly [arch: string, name: string]>> = {
  "3/32/LE": ["ia32", "i386"],
  "8/32/BE": ["mips", "mips"],
  "8/32/LE": ["mipsel", "mipsel"],
  "8/64/BE": ["mips64", "mips64"],
  "8/64/LE": ["mips64el", "mips64el"],
  "20/32/BE": ["ppc", "ppc"],
  "21/64/BE": ["ppc64be", "ppc64"],
  "21/64/LE": ["ppc64", "ppc64le"],
  "22/32/BE": ["s390", "s390"],
  "22/64/BE": ["s390x", "s390x"],
  "40/32/BE": ["armeb", "big-endian arm"],
  "40/32/LE": ["arm", "arm"],
  "43/64/BE": ["sparc64", "sparc64"],
  "50/64/LE": ["ia64", "ia64"],
  "62/32/LE": ["x32", "x32"],
  "62/64/LE": ["x64", "x86_64"],
  "183/32/LE": ["arm64_32", "32-bit aarch64"],
  "183/64/BE": ["arm64_be", "big-endian aarch64"],
  "183/64/LE": ["arm64", "aarch64"],
  "243/32/LE": ["riscv32", "riscv32"],
  "243/64/LE": ["riscv64", "riscv64"],
  "258/32/LE": ["loong32", "loongarch32"],
  "258/64/LE": ["loong64", "loongarch64"],
};

/** EI_OSABI. Linux marks a file as its own (3) only when it uses a GNU extension. */
const PLATFORMS: Readonly<Record<number, Platform>> = {
  0: "linux",
  2: "netbsd",
  3: "linux",
  6: "sunos",
  9: "freebsd",
  12: "openbsd",
};

/** e_type */
const KINDS: Readonly<Record<number, Kind>> = { 1: "object", 2: "executable", 3: "library", 4: "core" };

const DT_NULL = 0;
const DT_NEEDED = 1;
const DT_HASH = 4;
const DT_STRTAB = 5;
const DT_SYMTAB = 6;
const DT_STRSZ = 10;
const DT_SYMENT = 11;
const DT_SONAME = 14;
const DT_RPATH = 15;
const DT_RUNPATH = 29;
const DT_GNU_HASH = 0x6ffffef5;
const DT_FLAGS_1 = 0x6ffffffb;
const DT_AUXILIARY = 0x7ffffffd;
const DT_FILTER = 0x7fffffff;
const DF_1_PIE = 0x08000000n;

/**
 * Reads an ELF file of any class, byte order and machine. The exports are those the dynamic loader would find, so the
 * section headers may be missing. Source: System V gABI, chapters 4 and 5; glibc's elf.h for the GNU tags.
 * @throws InspectionError when the file is truncated or contradicts itself
 */
export function inspectElf(bytes: Uint8Array): LibraryImage {
  const elf = new ElfFile(bytes);
  const machine = `${elf.machine}/${elf.layout.bits}/${elf.littleEndian ? "LE" : "BE"}`;
  const [arch, archName] = MACHINES[machine] ?? ["unknown", `ELF machine ${machine}`];
  const platform = PLATFORMS[elf.osabi] ?? "unknown";
  const kind = KINDS[elf.type] ?? "unknown";
  const image: LibraryImage = {
    format: "ELF",
    platform,
    arch,
    archName,
    kind,
    exports: new Set(),
    needs: [],
    wants: [],
    ownName: undefined,
    besides: [],
    searched: [],
    strays: [],
  };
  if (kind !== "library") return image;
  const entries = readDynamicSection(elf);
  const symbolSize = entries.values.get(DT_SYMENT);
  if (symbolSize !== undefined && symbolSize !== BigInt(elf.layout.symbol.size)) {
    throw elf.reader.damaged(`its symbols take ${symbolSize} bytes each, not ${elf.layout.symbol.size}`);
  }
  const strings = stringTable(elf, entries.values.get(DT_STRTAB), entries.values.get(DT_STRSZ));
  const text = (index: bigint) =>
    elf.reader.text(strings.start + elf.reader.position(index, "a string"), strings.end, "the dynamic section");
  const ownName = entries.values.get(DT_SONAME);
  // A list that is empty as a whole is none, an empty part of one is the working directory (ld.so(8)).
  const places = entries.searched.map(text).flatMap((list) => (list === "" ? [] : list.split(":")));
  const dependencies = {
    needs: entries.needed.map(text),
    wants: entries.wanted.map(text),
    ownName: ownName === undefined ? undefined : text(ownName),
    besides: places.flatMap((place) => besidesOf(place, arch)),
    searched: places.filter((place) => place.startsWith("/")),
    strays: places.filter((place) => !place.startsWith("/") && !ORIGIN.test(place)),
  };
  // A position-independent program has the type of a library and this flag, for which dlopen refuses it.
  if (((entries.values.get(DT_FLAGS_1) ?? 0n) & DF_1_PIE) !== 0n) {
    return { ...image, ...dependencies, kind: "executable" };
  }
  const exports = collectExports(elf, {
    strings,
    symbols: entries.values.get(DT_SYMTAB),
    hash: entries.values.get(DT_HASH),
    gnuHash: entries.values.get(DT_GNU_HASH),
  });
  return { ...image, ...dependencies, exports };
}

/** What the loader puts for $LIB and $PLATFORM in a path differs from system to system: what they are known to be. */
const TOKENS: Readonly<Record<string, { readonly LIB: readonly string[]; readonly PLATFORM: readonly string[] }>> = {
  x64: { LIB: ["lib/x86_64-linux-gnu", "lib64", "lib"], PLATFORM: ["haswell", "xeon_phi", "x86_64"] },
  arm64: { LIB: ["lib/aarch64-linux-gnu", "lib64", "lib"], PLATFORM: ["aarch64"] },
};

const ORIGIN = /^\$(?:ORIGIN|\{ORIGIN\})(\/.*|)$/;

/** What a directory of DT_RUNPATH may be that begins with $ORIGIN, without that (ld.so(8)); none where it does not. */
function besidesOf(place: string, arch: string): string[] {
  const beside = ORIGIN.exec(place)?.[1];
  if (beside === undefined) return [];
  return resolved(beside, "LIB", arch).flatMap((path) => resolved(path, "PLATFORM", arch));
}

function resolved(path: string, token: "LIB" | "PLATFORM", arch: string): string[] {
  const pattern = new RegExp(`\\$(?:${token}(?![A-Za-z0-9_])|\\{${token}\\})`, "g");
  if (!pattern.test(path)) return [path];
  return (TOKENS[arch]?.[token] ?? []).map((value) => path.replaceAll(pattern, value));
}

/** The entries up to DT_NULL: those that may come several times, and the last of each other tag. */
function readDynamicSection(elf: ElfFile) {
  const { size, value: valueAt } = elf.layout.dynamic;
  const values = new Map<number, bigint>();
  const needed: bigint[] = [];
  const wanted: bigint[] = [];
  const searched: bigint[] = [];
  const { start, end } = elf.dynamicSection() ?? { start: 0, end: 0 };
  for (let at = start; at + size <= end; at += size) {
    // A tag that a number cannot hold exactly is none of those that matter, and does not become one by rounding.
    const tag = Number(elf.word(at, "the dynamic section"));
    const value = elf.word(at + valueAt, "the dynamic section");
    if (tag === DT_NULL) break;
    if (tag === DT_NEEDED || tag === DT_FILTER) {
      needed.push(value);
    } else if (tag === DT_AUXILIARY) {
      wanted.push(value);
    } else if (tag === DT_RPATH || tag === DT_RUNPATH) {
      searched.push(value);
    } else {
      values.set(tag, value);
    }
  }
  return { values, needed, wanted, searched };
}

function stringTable(elf: ElfFile, address: bigint | undefined, size: bigint | undefined): Range {
  if (address === undefined || size === undefined || size === 0n) return { start: 0, end: 0 };
  const { start, end } = elf.locate(address, "the string table");
  if (size > BigInt(end - start)) {
    throw elf.reader.damaged(`its string table is said to have ${size} bytes where ${end - start} are left`);
  }
  return { start, end: start + Number(size) };
}
