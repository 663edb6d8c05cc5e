// Owns reading a PE file: machine, kind and the names of its export directory.
import type { LibraryImage } from "./image.ts";
import { ByteReader, InspectionError } from "./reader.ts";

const MACHINES: Readonly<Record<number, readonly [arch: string, name: string]>> = {
  332: ["ia32", "i386"],
  452: ["arm", "arm"],
  512: ["ia64", "ia64"],
  20580: ["riscv64", "riscv64"],
  25188: ["loong64", "loongarch64"],
  34404: ["x64", "x86_64"],
  43620: ["arm64", "arm64"],
};

const PE_SIGNATURE = 0x00004550;
/** What stands in its place in the formats between DOS and PE: NE, LE, LX. */
const OLD_SIGNATURES: ReadonlySet<number> = new Set([0x454e, 0x454c, 0x584c]);
const IMAGE_FILE_EXECUTABLE_IMAGE = 0x0002;
const IMAGE_FILE_DLL = 0x2000;
const PE32 = 0x10b;
const PE32_PLUS = 0x20b;

const COFF_HEADER_SIZE = 20;
const SECTION_HEADER_SIZE = 40;
const EXPORT_DIRECTORY_SIZE = 40;

/** File bytes that are loaded at `address`, relative to the image's base. */
interface Section {
  readonly address: number;
  readonly start: number;
  readonly length: number;
}

/**
 * Reads a PE image. Source: Microsoft's PE format specification.
 * @throws InspectionError when the file is truncated or contradicts itself, or is a program of DOS or 16-bit Windows
 */
export function inspectPe(bytes: Uint8Array): LibraryImage {
  const reader = new ByteReader(bytes, "PE", true);
  const header = reader.u32(0x3c, "the DOS header");
  if (reader.u32(header, "the PE header") !== PE_SIGNATURE) {
    const old = OLD_SIGNATURES.has(reader.u16(header, "the PE header"));
    throw new InspectionError(old ? "a 16-bit Windows or OS/2 program" : "a DOS program");
  }
  const coff = header + 4;
  const machine = reader.u16(coff, "the COFF header");
  const [arch, archName] = MACHINES[machine] ?? ["unknown", `PE machine 0x${machine.toString(16)}`];
  const flags = reader.u16(coff + 18, "the COFF header");
  const optional = coff + COFF_HEADER_SIZE;
  const optionalSize = reader.u16(coff + 16, "the COFF header");
  reader.need(optional, optionalSize, "the optional header");
  const kind =
    (flags & IMAGE_FILE_DLL) !== 0 ? "library" : (flags & IMAGE_FILE_EXECUTABLE_IMAGE) !== 0 ? "executable" : "unknown";
  const sections = readSections(reader, optional, optional + optionalSize, reader.u16(coff + 2, "the COFF header"));
  const exports =
    kind === "library" ? collectExports(reader, sections, exportDirectory(reader, optional, optionalSize)) : [];
  return {
    format: "PE",
    platform: "win32",
    arch,
    archName,
    kind,
    exports: new Set(exports),
    needs: [],
    wants: [],
    ownName: undefined,
    besides: [],
    searched: [],
    strays: [],
  };
}

/** The address of the export directory, 0 when there is none. It is the first of the data directories. */
function exportDirectory(reader: ByteReader, optional: number, optionalSize: number): number {
  const what = "the optional header";
  const magic = reader.u16(optional, what);
  if (magic !== PE32 && magic !== PE32_PLUS) {
    throw reader.damaged(`its optional header is of type 0x${magic.toString(16)}, neither PE32 nor PE32+`);
  }
  const directories = magic === PE32 ? 96 : 112;
  if (optionalSize < directories + 8 || reader.u32(optional + directories - 4, what) === 0) return 0;
  return reader.u32(optional + directories, what);
}

/** All sections, and the headers, which are loaded like one. Windows refuses a file that lacks bytes of a section. */
function readSections(reader: ByteReader, optional: number, table: number, count: number): Section[] {
  reader.need(table, count * SECTION_HEADER_SIZE, "the section table");
  const headerSize = reader.u32(optional + 60, "the optional header");
  const sections: Section[] = [{ address: 0, start: 0, length: Math.min(headerSize, reader.size) }];
  for (let index = 0; index < count; index++) {
    const at = table + index * SECTION_HEADER_SIZE;
    const what = `section ${index}`;
    const address = reader.u32(at + 12, what);
    const length = reader.u32(at + 16, what);
    const start = reader.u32(at + 20, what);
    if (start !== 0) reader.need(start, length, what);
    if (address < sections[index]!.address) throw reader.damaged(`${what} is loaded before the one that precedes it`);
    sections.push({ address, start, length: start === 0 ? 0 : length });
  }
  return sections;
}

/** The file bytes at an address. Sections are ordered, and every name asks, so this halves instead of trying each. */
function locate(reader: ByteReader, sections: readonly Section[], address: number, length: number, what: string) {
  let low = 0;
  let high = sections.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sections[middle]!.address <= address) {
      low = middle;
    } else {
      high = middle;
    }
  }
  const section = sections[low]!;
  const distance = address - section.address;
  if (distance + length > section.length) {
    throw reader.damaged(`${what} is at address 0x${address.toString(16)}, which no section takes from the file`);
  }
  return { start: section.start + distance, end: section.start + section.length };
}

/** The names GetProcAddress takes, forwarded ones included; what has no name but a number only is not among them. */
function collectExports(reader: ByteReader, sections: readonly Section[], directory: number): string[] {
  if (directory === 0) return [];
  const what = "the export directory";
  const { start } = locate(reader, sections, directory, EXPORT_DIRECTORY_SIZE, what);
  const functionCount = reader.u32(start + 20, what);
  const nameCount = reader.u32(start + 24, what);
  if (nameCount === 0) return [];
  const table = (at: number, length: number) =>
    locate(reader, sections, reader.u32(start + at, what), length, what).start;
  const functions = table(28, functionCount * 4);
  const names = table(32, nameCount * 4);
  const ordinals = table(36, nameCount * 2);
  const exported: string[] = [];
  for (let index = 0; index < nameCount; index++) {
    const ordinal = reader.u16(ordinals + index * 2, what);
    if (ordinal >= functionCount) throw reader.damaged(`${what} names function ${ordinal}, of ${functionCount}`);
    // A hole in the numbering is an address of 0.
    if (reader.u32(functions + ordinal * 4, what) !== 0) {
      const name = locate(reader, sections, reader.u32(names + index * 4, what), 1, what);
      exported.push(reader.text(name.start, name.end, what));
    }
  }
  return exported;
}
