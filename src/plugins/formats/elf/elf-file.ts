// The outer form of an ELF file: class, byte order, header, segments, and what file bytes an address stands for.
import { ByteReader, InspectionError, type Range } from "../reader.ts";

/** Where the fields are that the two classes place differently: byte offsets, from gABI chapters 4 and 5. */
const LAYOUTS = {
  32: {
    bits: 32,
    header: { size: 52, phoff: 28, shoff: 32, phentsize: 42, phnum: 44, shentsize: 46, shnum: 48 },
    segment: { size: 32, offset: 4, vaddr: 8, filesz: 16 },
    section: { size: 40, type: 4, offset: 16, length: 20, link: 24 },
    dynamic: { size: 8, value: 4 },
    symbol: { size: 16, info: 12, other: 13, shndx: 14 },
  },
  64: {
    bits: 64,
    header: { size: 64, phoff: 32, shoff: 40, phentsize: 54, phnum: 56, shentsize: 58, shnum: 60 },
    segment: { size: 56, offset: 8, vaddr: 16, filesz: 32 },
    section: { size: 64, type: 4, offset: 24, length: 32, link: 40 },
    dynamic: { size: 16, value: 8 },
    symbol: { size: 24, info: 4, other: 5, shndx: 6 },
  },
} as const;

const PT_LOAD = 1;
const PT_DYNAMIC = 2;

interface Segment {
  readonly type: number;
  readonly address: bigint;
  readonly file: Range;
}

export class ElfFile {
  readonly reader: ByteReader;
  readonly layout: (typeof LAYOUTS)[32 | 64];
  readonly littleEndian: boolean;
  /** EI_OSABI, e_type and e_machine of the header. */
  readonly osabi: number;
  readonly type: number;
  readonly machine: number;
  #segments: readonly Segment[] | undefined;

  /** Reads no more than the header, so that object files and core dumps can be told what they are. */
  constructor(bytes: Uint8Array) {
    const [classByte, dataByte] = bytes.subarray(4, 6);
    if (classByte === undefined || dataByte === undefined) {
      throw new InspectionError(`a truncated ELF file: it ends after ${bytes.byteLength} bytes`);
    }
    this.littleEndian = dataByte === 1;
    this.reader = new ByteReader(bytes, "ELF", this.littleEndian);
    if ((classByte !== 1 && classByte !== 2) || (dataByte !== 1 && dataByte !== 2)) {
      throw this.reader.damaged(`class ${classByte} and byte order ${dataByte}, both have to be 1 or 2`);
    }
    this.layout = LAYOUTS[classByte === 1 ? 32 : 64];
    this.reader.need(0, this.layout.header.size, "the header");
    this.osabi = this.reader.u8(7, "the header");
    this.type = this.reader.u16(16, "the header");
    this.machine = this.reader.u16(18, "the header");
  }

  /** A field that is as wide as the class: 4 or 8 bytes. */
  word(offset: number, what: string): bigint {
    return this.layout.bits === 64 ? this.reader.u64(offset, what) : BigInt(this.reader.u32(offset, what));
  }

  /** Such a field where it is a position in the file, or the length of a part of it. */
  position(offset: number, what: string): number {
    return this.reader.position(this.word(offset, what), what);
  }

  /** The bytes at an address, up to the end of what the file has of its segment. */
  locate(address: bigint, what: string): Range {
    for (const segment of this.segments()) {
      const distance = address - segment.address;
      if (segment.type === PT_LOAD && distance >= 0n && distance < BigInt(segment.file.end - segment.file.start)) {
        return { start: segment.file.start + Number(distance), end: segment.file.end };
      }
    }
    throw this.reader.damaged(`${what} is at address 0x${address.toString(16)}, which no segment takes from the file`);
  }

  /** Where the file keeps its dynamic section; undefined for one that is linked statically. */
  dynamicSection(): Range | undefined {
    return this.segments().find(({ type }) => type === PT_DYNAMIC)?.file;
  }

  /**
   * Those that are loaded, all of which have to lie in the file: one that does not makes the process die of SIGBUS at
   * the first use of the missing page, so this is where a truncated download shows.
   */
  segments(): readonly Segment[] {
    this.#segments ??= this.#readSegments();
    return this.#segments;
  }

  #readSegments(): readonly Segment[] {
    const { reader, layout } = this;
    const table = this.position(layout.header.phoff, "the program header table");
    const count = reader.u16(layout.header.phnum, "the header");
    const entrySize = reader.u16(layout.header.phentsize, "the header");
    if (count > 0 && entrySize !== layout.segment.size) {
      throw reader.damaged(`its program headers take ${entrySize} bytes each, not ${layout.segment.size}`);
    }
    reader.need(table, count * entrySize, "the program header table");
    const segments: Segment[] = [];
    for (let index = 0; index < count; index++) {
      const at = table + index * entrySize;
      const what = `segment ${index}`;
      const type = reader.u32(at, what);
      if (type !== PT_LOAD && type !== PT_DYNAMIC) continue;
      const start = this.position(at + layout.segment.offset, what);
      const length = this.position(at + layout.segment.filesz, what);
      reader.need(start, length, what);
      segments.push({
        type,
        address: this.word(at + layout.segment.vaddr, what),
        file: { start, end: start + length },
      });
    }
    return segments;
  }
}
