// One Mach-O image: machine, system, kind, and its exports from the trie or else from the symbol table.
import type { Kind, LibraryImage } from "../image.ts";
import { ByteReader, InspectionError } from "../reader.ts";
import { dependenciesOf, isNaming, type NamingCommand } from "./macho-dependencies.ts";
import { collectTrieExports } from "./macho-trie.ts";

const MH_MAGIC = 0xfeedface;
const MH_MAGIC_64 = 0xfeedfacf;
const MH_CIGAM = 0xcefaedfe;
const MH_CIGAM_64 = 0xcffaedfe;

/** The upper byte of cpusubtype holds capabilities. */
const CPU_SUBTYPE_MASK = 0x00ffffff;

/** cputype, or cputype/cpusubtype for those that are not like the rest of their type → process.arch and common name. */
const MACHINES: Readonly<Record<string, readonly [arch: string, name: string]>> = {
  "7": ["ia32", "i386"],
  "12": ["arm", "arm"],
  "18": ["ppc", "ppc"],
  "16777223": ["x64", "x86_64"],
  "16777223/8": ["x64", "x86_64h"],
  "16777228": ["arm64", "arm64"],
  "16777228/2": ["arm64e", "arm64e"],
  "16777234": ["ppc64be", "ppc64"],
  "33554444": ["arm64_32", "arm64_32"],
};

/** filetype. dlopen takes a bundle (8) like a dynamic library (6); compilers make it for plugins. */
const KINDS: Readonly<Record<number, Kind>> = {
  1: "object",
  2: "executable",
  4: "core",
  6: "library",
  8: "library",
  9: "stub",
  10: "debug",
};

const LC_SEGMENT = 0x1;
const LC_SYMTAB = 0x2;
const LC_SEGMENT_64 = 0x19;
const LC_DYLD_INFO = 0x22;
const LC_DYLD_INFO_ONLY = 0x80000022;
const LC_VERSION_MIN_IPHONEOS = 0x25;
const LC_VERSION_MIN_TVOS = 0x2f;
const LC_VERSION_MIN_WATCHOS = 0x30;
const LC_BUILD_VERSION = 0x32;
const LC_DYLD_EXPORTS_TRIE = 0x80000033;
const PLATFORM_MACOS = 1;
const PLATFORM_IOS = 2;

const N_STAB = 0xe0;
const N_PEXT = 0x10;
const N_TYPE = 0x0e;
const N_EXT = 0x01;
/** N_ABS, N_INDR, N_SECT */
const DEFINED_TYPES: ReadonlySet<number> = new Set([0x2, 0xa, 0xe]);

/** What the load commands say, of what matters here. */
interface Commands {
  readonly platforms: number[];
  readonly naming: NamingCommand[];
  trie?: { readonly start: number; readonly length: number };
  /** Position of the LC_SYMTAB command. */
  symtab?: number;
}

/** Whether an image may begin with these four bytes, read big-endian. */
export function isMachMagic(magic: number): boolean {
  return magic === MH_MAGIC || magic === MH_MAGIC_64 || magic === MH_CIGAM || magic === MH_CIGAM_64;
}

/**
 * Reads a thin Mach-O image of either byte order and width. Source: Apple's mach-o/loader.h and mach-o/nlist.h.
 * @param format how messages name the file
 * @param listedCpu the cputype under which a universal file lists the image; dyld goes by that one
 * @throws InspectionError when the image is truncated or contradicts itself
 */
export function inspectMachImage(bytes: Uint8Array, format: string, listedCpu?: number): LibraryImage {
  const magic = new ByteReader(bytes, format, false).u32(0, "the header");
  const reader = new ByteReader(bytes, format, magic === MH_CIGAM || magic === MH_CIGAM_64);
  if (!isMachMagic(magic)) {
    // A static library for several machines is a universal file as well.
    throw magic === 0x213c6172 ? new InspectionError("a universal static archive") : reader.damaged("no Mach-O header");
  }
  const wide = magic === MH_MAGIC_64 || magic === MH_CIGAM_64;
  const cpu = reader.u32(4, "the header");
  if (listedCpu !== undefined && listedCpu !== cpu) {
    throw reader.damaged(`listed for CPU type ${listedCpu}, made for ${cpu}`);
  }
  const subtype = reader.u32(8, "the header") & CPU_SUBTYPE_MASK;
  const [arch, archName] = MACHINES[`${cpu}/${subtype}`] ?? MACHINES[cpu] ?? ["unknown", `Mach-O CPU type ${cpu}`];
  const kind = KINDS[reader.u32(12, "the header")] ?? "unknown";
  const commands = readCommands(reader, wide, kind);
  const { platforms } = commands;
  return {
    format: "Mach-O",
    // A library may be for several systems, and is for macOS when it does not say.
    platform: platforms.length === 0 || platforms.includes(PLATFORM_MACOS) ? "darwin" : "ios",
    arch,
    archName,
    kind,
    exports: kind === "library" ? collectExports(reader, wide, commands) : new Set(),
    ...dependenciesOf(commands.naming),
  };
}

function readCommands(reader: ByteReader, wide: boolean, kind: Kind): Commands {
  const what = "the load commands";
  const count = reader.u32(16, what);
  const length = reader.u32(20, what);
  const commands: Commands = { platforms: [], naming: [] };
  let at = wide ? 32 : 28;
  const end = at + length;
  reader.need(at, length, what);
  for (let index = 0; index < count; index++) {
    const command = reader.u32(at, what);
    const size = reader.u32(at + 4, what);
    if (size < 8 || at + size > end) {
      throw reader.damaged(`load command ${index} takes ${size} bytes where ${end - at} are left`);
    }
    if ((command === LC_SEGMENT || command === LC_SEGMENT_64) && kind === "library") {
      needSegment(reader, at, command === LC_SEGMENT_64, `the segment of load command ${index}`);
    } else if (command === LC_SYMTAB) {
      commands.symtab = at;
    } else if (command === LC_DYLD_INFO || command === LC_DYLD_INFO_ONLY) {
      commands.trie = { start: reader.u32(at + 40, what), length: reader.u32(at + 44, what) };
    } else if (command === LC_DYLD_EXPORTS_TRIE) {
      commands.trie = { start: reader.u32(at + 8, what), length: reader.u32(at + 12, what) };
    } else if (command === LC_BUILD_VERSION) {
      commands.platforms.push(reader.u32(at + 8, what));
    } else if (isNaming(command) && kind === "library") {
      commands.naming.push({ command, path: reader.text(at + reader.u32(at + 8, what), at + size, what) });
    } else if ([LC_VERSION_MIN_IPHONEOS, LC_VERSION_MIN_TVOS, LC_VERSION_MIN_WATCHOS].includes(command)) {
      commands.platforms.push(PLATFORM_IOS);
    }
    at += size;
  }
  return commands;
}

/** All of a library's segments come from the file, the symbols in the last one: a truncated download shows here. */
function needSegment(reader: ByteReader, at: number, wide: boolean, what: string): void {
  const start = wide ? reader.position(reader.u64(at + 40, what), what) : reader.u32(at + 32, what);
  const length = wide ? reader.position(reader.u64(at + 48, what), what) : reader.u32(at + 36, what);
  reader.need(start, length, what);
}

/** dyld looks into the trie and, for a library without one, into the symbol table. */
function collectExports(reader: ByteReader, wide: boolean, commands: Commands): Set<string> {
  const { trie, symtab } = commands;
  const linked =
    trie !== undefined && trie.length > 0
      ? collectTrieExports(reader, trie.start, trie.length)
      : symtab !== undefined
        ? collectTableExports(reader, wide, symtab)
        : [];
  // dlsym puts an underscore before the name it is given, so a symbol without one cannot be found by any C name.
  return new Set(linked.filter((name) => name.startsWith("_")).map((name) => name.slice(1)));
}

function collectTableExports(reader: ByteReader, wide: boolean, command: number): string[] {
  const what = "the symbol table";
  const start = reader.u32(command + 8, what);
  const count = reader.u32(command + 12, what);
  const strings = reader.u32(command + 16, what);
  const stringsEnd = strings + reader.u32(command + 20, what);
  const entrySize = wide ? 16 : 12;
  reader.need(start, count * entrySize, what);
  reader.need(strings, stringsEnd - strings, "the string table");
  const names: string[] = [];
  for (let at = start; at < start + count * entrySize; at += entrySize) {
    const type = reader.u8(at + 4, what);
    // Debugging entries use the same byte for other things, and hidden symbols stay external until the final link.
    if ((type & (N_STAB | N_PEXT)) === 0 && (type & N_EXT) !== 0 && DEFINED_TYPES.has(type & N_TYPE)) {
      names.push(reader.text(strings + reader.u32(at, what), stringsEnd, what));
    }
  }
  return names;
}
