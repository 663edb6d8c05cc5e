// What a backtrace needs of an ELF library that was loaded: no more of the file is read than that. It is of 64 bits and
// little-endian, as the processors are that a worker is built for. Source: System V gABI, chapters 4 and 5.

import { inflateSync } from "node:zlib";
import { messageOf } from "../../../base/failures.ts";
import { FileOnDisk, type FunctionName, MOST_TABLE_BYTES, word } from "../file-on-disk.ts";
import { InspectionError } from "../reader.ts";

const MAGIC = 0x464c457f;
const CLASS_AND_ORDER = 0x0102; // ELFDATA2LSB, ELFCLASS64
const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const SECTION_BYTES = 64;
const SYMBOL_BYTES = 24;
const PT_LOAD = 1;
const PT_GNU_EH_FRAME = 0x6474e550;
const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const SHF_COMPRESSED = 0x800;
const ELFCOMPRESS_ZLIB = 1;
const PACKED_HEADER_BYTES = 24;
const STT_FUNC = 2;
const STT_GNU_IFUNC = 10;
/** Of a longer name this much. */
const MOST_NAME_BYTES = 1024;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly length: number;
}

interface Section {
  readonly name: number;
  readonly flags: number;
  readonly type: number;
  readonly offset: number;
  readonly length: number;
  readonly link: number;
}

export class ElfOnDisk extends FileOnDisk {
  private readonly header: Buffer;
  private readonly segments: readonly Segment[];

  /** @param descriptor is closed with it @throws InspectionError where it is no such file */
  constructor(descriptor: number) {
    super(descriptor, "ELF");
    this.header = this.bytes(0, HEADER_BYTES);
    if (this.header.readUInt32LE(0) !== MAGIC || this.header.readUInt16LE(4) !== CLASS_AND_ORDER)
      throw new InspectionError("no ELF file of 64 bits");
    this.segments = this.table(32, 54, SEGMENT_BYTES).map((entry) => ({
      type: entry.readUInt32LE(0),
      offset: word(entry, 8),
      address: word(entry, 16),
      length: word(entry, 32),
    }));
  }

  /** The address of what is at a place in the file; undefined where that is not loaded. */
  addressOf(offset: number): number | undefined {
    const segment = this.segments.find(
      (each) => each.type === PT_LOAD && offset >= each.offset && offset < each.offset + each.length,
    );
    return segment && offset - segment.offset + segment.address;
  }

  /** The bytes at an address. @throws InspectionError where the file has none for it */
  bytesAt(address: number, length: number): Buffer {
    const segment = this.segments.find(
      (each) => each.type === PT_LOAD && address >= each.address && address + length <= each.address + each.length,
    );
    if (segment === undefined) throw new InspectionError(`an ELF file that has nothing for 0x${address.toString(16)}`);
    return this.bytes(address - segment.address + segment.offset, length);
  }

  /** Where the table is by which a function's entry in .eh_frame is found; undefined where there is none. */
  get frameTable(): number | undefined {
    return this.segments.find(({ type }) => type === PT_GNU_EH_FRAME)?.address;
  }

  /** By address, the function that it is in: of those that the file has the names of. @throws InspectionError */
  functionsAt(addresses: Iterable<number>): Map<number, FunctionName> {
    const wanted = [...new Set(addresses)].toSorted((one, other) => one - other);
    const sections = this.sections();
    for (const type of [SHT_SYMTAB, SHT_DYNSYM]) {
      const symbols = sections.find((section) => section.type === type && section.length <= MOST_TABLE_BYTES);
      const names = symbols && sections[symbols.link];
      if (symbols !== undefined && names !== undefined) return this.lookUp(wanted, symbols, names);
    }
    return new Map();
  }

  /** All of the section of that name, unpacked; undefined where there is none. @throws InspectionError */
  section(name: string): Buffer | undefined {
    const sections = this.sections();
    const names = sections[this.header.readUInt16LE(62)];
    const found = names && sections.find((section) => this.name(names, section.name) === name);
    if (found === undefined) return undefined;
    const bytes = this.bytes(found.offset, found.length);
    if ((found.flags & SHF_COMPRESSED) === 0) return bytes;
    if (bytes.length < PACKED_HEADER_BYTES || bytes.readUInt32LE(0) !== ELFCOMPRESS_ZLIB)
      throw new InspectionError("a section that is packed in another way");
    return unpacked(bytes.subarray(PACKED_HEADER_BYTES));
  }

  private lookUp(wanted: readonly number[], symbols: Section, names: Section): Map<number, FunctionName> {
    const table = this.bytes(symbols.offset, symbols.length);
    const starts = wanted.map(() => -1);
    const entries = wanted.map(() => -1);
    const [lowest, highest] = [wanted[0] ?? 0, wanted.at(-1) ?? 0];
    for (let at = 0; at + SYMBOL_BYTES <= table.length; at += SYMBOL_BYTES) {
      const type = table.readUInt8(at + 4) & 0xf;
      if (type !== STT_FUNC && type !== STT_GNU_IFUNC) continue;
      const start = word(table, at + 8);
      const end = start + word(table, at + 16);
      if (start > highest || end <= lowest) continue;
      for (let i = 0; i < wanted.length; i++) {
        const address = wanted[i] as number;
        if (address < start || address >= end || start <= (starts[i] as number)) continue;
        starts[i] = start;
        entries[i] = at;
      }
    }
    const named = wanted.flatMap((address, i): [number, FunctionName][] => {
      const at = entries[i] as number;
      return at < 0 ? [] : [[address, { name: this.name(names, table.readUInt32LE(at)), start: starts[i] as number }]];
    });
    return new Map(named.filter(([, { name }]) => name !== ""));
  }

  private name({ offset, length }: Section, at: number): string {
    const bytes = this.bytes(offset + at, Math.max(0, Math.min(MOST_NAME_BYTES, length - at)));
    const end = bytes.indexOf(0);
    return end < 0 ? `${bytes.toString("latin1")}…` : bytes.toString("utf8", 0, end);
  }

  private sections(): readonly Section[] {
    return this.table(40, 58, SECTION_BYTES).map((entry) => ({
      name: entry.readUInt32LE(0),
      type: entry.readUInt32LE(4),
      flags: word(entry, 8),
      offset: word(entry, 24),
      length: word(entry, 32),
      link: entry.readUInt32LE(40),
    }));
  }

  /** The entries of the table whose place and form stand in the header. */
  private table(placeAt: number, sizeAt: number, entryBytes: number): Buffer[] {
    const place = word(this.header, placeAt);
    const count = this.header.readUInt16LE(sizeAt + 2);
    if (place === 0 || count === 0) return [];
    if (this.header.readUInt16LE(sizeAt) !== entryBytes) throw new InspectionError("a damaged ELF file");
    const bytes = this.bytes(place, count * entryBytes);
    return Array.from({ length: count }, (_, i) => bytes.subarray(i * entryBytes, (i + 1) * entryBytes));
  }
}

function unpacked(bytes: Buffer): Buffer {
  try {
    return inflateSync(bytes, { maxOutputLength: MOST_TABLE_BYTES });
  } catch (error) {
    throw new InspectionError(`a section that does not unpack: ${messageOf(error)}`);
  }
}
