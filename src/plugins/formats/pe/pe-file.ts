// Finding things in a PE file: its sections, its data directories and what lies at an address.
import { ByteReader, InspectionError, type Range } from "../reader.ts";

const PE_SIGNATURE = 0x00004550;
/** What stands in its place in the formats between DOS and PE: NE, LE, LX. */
const OLD_SIGNATURES: ReadonlySet<number> = new Set([0x454e, 0x454c, 0x584c]);
const PE32 = 0x10b;
const PE32_PLUS = 0x20b;

const COFF_HEADER_SIZE = 20;
const SECTION_HEADER_SIZE = 40;
const DIRECTORY_SIZE = 8;

/** File bytes that are loaded at `address`, relative to the image's base. */
interface Section {
  readonly address: number;
  readonly start: number;
  readonly length: number;
}

export class PeFile {
  readonly reader: ByteReader;
  readonly machine: number;
  /** `Characteristics` of the COFF header. */
  readonly flags: number;
  private readonly optional: number;
  private readonly optionalSize: number;
  private readonly sections: readonly Section[];

  /** @throws InspectionError when the file is truncated, or is a program of DOS or 16-bit Windows */
  constructor(bytes: Uint8Array) {
    const reader = new ByteReader(bytes, "PE", true);
    const header = reader.u32(0x3c, "the DOS header");
    if (reader.u32(header, "the PE header") !== PE_SIGNATURE) {
      const old = OLD_SIGNATURES.has(reader.u16(header, "the PE header"));
      throw new InspectionError(old ? "a 16-bit Windows or OS/2 program" : "a DOS program");
    }
    const coff = header + 4;
    this.reader = reader;
    this.machine = reader.u16(coff, "the COFF header");
    this.flags = reader.u16(coff + 18, "the COFF header");
    this.optional = coff + COFF_HEADER_SIZE;
    this.optionalSize = reader.u16(coff + 16, "the COFF header");
    reader.need(this.optional, this.optionalSize, "the optional header");
    this.sections = this.readSections(reader.u16(coff + 2, "the COFF header"));
  }

  /** The address of a data directory, 0 when there is none. */
  directory(index: number): number {
    const what = "the optional header";
    const magic = this.reader.u16(this.optional, what);
    if (magic !== PE32 && magic !== PE32_PLUS) {
      throw this.reader.damaged(`its optional header is of type 0x${magic.toString(16)}, neither PE32 nor PE32+`);
    }
    const directories = magic === PE32 ? 96 : 112;
    const at = directories + index * DIRECTORY_SIZE;
    if (this.optionalSize < at + DIRECTORY_SIZE) return 0;
    if (this.reader.u32(this.optional + directories - 4, what) <= index) return 0;
    return this.reader.u32(this.optional + at, what);
  }

  /** The file bytes at an address. Sections are ordered, and every name asks, so this halves instead of trying each. */
  locate(address: number, length: number, what: string): Range {
    let low = 0;
    let high = this.sections.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.sections[middle]!.address <= address) {
        low = middle;
      } else {
        high = middle;
      }
    }
    const section = this.sections[low]!;
    const distance = address - section.address;
    if (distance + length > section.length) {
      throw this.reader.damaged(
        `${what} is at address 0x${address.toString(16)}, which no section takes from the file`,
      );
    }
    return { start: section.start + distance, end: section.start + section.length };
  }

  /** The name at an address. */
  name(address: number, what: string): string {
    const { start, end } = this.locate(address, 1, what);
    return this.reader.text(start, end, what);
  }

  /** All sections, and the headers, which are loaded like one. Windows refuses a file that lacks bytes of a section. */
  private readSections(count: number): Section[] {
    const { reader } = this;
    const table = this.optional + this.optionalSize;
    reader.need(table, count * SECTION_HEADER_SIZE, "the section table");
    const headerSize = reader.u32(this.optional + 60, "the optional header");
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
}
