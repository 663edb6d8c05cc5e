// What a backtrace needs of a Mach-O image, and no more of it. Source: Apple's mach-o/loader.h, nlist.h and fat.h.

import { DwarfCursor } from "../dwarf/dwarf-cursor.ts";
import { FileOnDisk, type FunctionName, word } from "../file-on-disk.ts";
import { InspectionError } from "../reader.ts";

const MAGIC = 0xfeedfacf;
const FAT_MAGIC = 0xcafebabe; // big-endian, whatever the images are
const FAT_HEADER_BYTES = 8;
const FAT_ENTRY_BYTES = 20;
const MOST_IMAGES = 44;
const HEADER_BYTES = 32;
const COMMAND_BYTES = 8;
const SYMBOL_BYTES = 16;
const LC_SYMTAB = 0x2;
const LC_SEGMENT_64 = 0x19;
const LC_FUNCTION_STARTS = 0x26;
const TEXT = "__TEXT";
/** Of n_type: a symbol for debuggers; one in a section. */
const N_STAB = 0xe0;
const N_TYPE = 0xe;
const N_SECT = 0xe;

const machines: Readonly<Record<string, number>> = { x64: 0x01000007, arm64: 0x0100000c };

interface Part {
  readonly offset: number;
  readonly length: number;
}

/** Where code is: addresses of the file's own. */
interface Code {
  readonly address: number;
  readonly length: number;
}

export class MachOOnDisk extends FileOnDisk {
  /** Of the image in the file. */
  private readonly start: number;
  private code: Code | undefined;
  private symbols: Part | undefined;
  private names: Part | undefined;
  private functionStarts: Part | undefined;

  /**
   * @param descriptor is closed with it
   * @param arch of which of several images it is, as process.arch calls it
   * @throws InspectionError where there is no such image
   */
  constructor(descriptor: number, arch: string = process.arch) {
    super(descriptor, "Mach-O");
    this.start = this.imageFor(machines[arch]);
    const header = this.inImage(0, HEADER_BYTES);
    if (header.readUInt32LE(0) !== MAGIC) throw new InspectionError("no Mach-O file of 64 bits");
    this.readCommands(this.inImage(HEADER_BYTES, header.readUInt32LE(20)), header.readUInt32LE(16));
  }

  /** The address of what is so far behind the beginning of the code; undefined where no code is. */
  addressOf(offset: number): number | undefined {
    const { code } = this;
    return code === undefined || offset < 0 || offset >= code.length ? undefined : code.address + offset;
  }

  /** By address, the function that it is in: of those that the file has the names of. @throws InspectionError */
  functionsAt(addresses: Iterable<number>): Map<number, FunctionName> {
    const starts = this.starts();
    const inside = [...new Set(addresses)].flatMap((address): [number, number][] => {
      const start = starts.findLast((one) => one <= address);
      return start === undefined || this.addressOf(address - (this.code?.address ?? 0)) === undefined
        ? []
        : [[address, start]];
    });
    const names = this.namesOf(new Set(inside.map(([, start]) => start)));
    return new Map(
      inside.flatMap(([address, start]): [number, FunctionName][] => {
        const name = names.get(start);
        return name === undefined ? [] : [[address, { name, start }]];
      }),
    );
  }

  /** Of all functions, from the lowest: the distances between them as LEB128. */
  private starts(): number[] {
    const { code, functionStarts } = this;
    if (code === undefined || functionStarts === undefined) return [];
    const found: number[] = [];
    const distances = new DwarfCursor(this.inImage(functionStarts.offset, functionStarts.length));
    for (let at = code.address; !distances.isAtEnd; found.push(at)) {
      const distance = distances.unsigned();
      if (distance === 0) break; // what is behind it fills up
      at += distance;
    }
    return found;
  }

  /** As C calls them. */
  private namesOf(wanted: ReadonlySet<number>): Map<number, string> {
    const found = new Map<number, string>();
    if (this.symbols === undefined || this.names === undefined || wanted.size === 0) return found;
    const table = this.inImage(this.symbols.offset, this.symbols.length);
    const names = this.inImage(this.names.offset, this.names.length);
    for (let at = 0; at < table.length; at += SYMBOL_BYTES) {
      const type = table.readUInt8(at + 4);
      const value = word(table, at + 8);
      if ((type & N_STAB) !== 0 || (type & N_TYPE) !== N_SECT || !wanted.has(value) || found.has(value)) continue;
      const from = table.readUInt32LE(at);
      const end = names.indexOf(0, from);
      if (from < names.length && end > from) found.set(value, names.toString("utf8", from, end).replace(/^_/, ""));
    }
    return found;
  }

  private imageFor(machine: number | undefined): number {
    const header = this.bytes(0, FAT_HEADER_BYTES);
    if (header.readUInt32BE(0) !== FAT_MAGIC) return 0;
    const count = header.readUInt32BE(4);
    if (count > MOST_IMAGES) throw new InspectionError("a Java class file");
    const entries = this.bytes(FAT_HEADER_BYTES, count * FAT_ENTRY_BYTES);
    for (let at = 0; at < entries.length; at += FAT_ENTRY_BYTES)
      if (entries.readUInt32BE(at) === machine) return entries.readUInt32BE(at + 8);
    throw new InspectionError("a universal Mach-O file without an image for this processor");
  }

  private readCommands(commands: Buffer, count: number): void {
    let at = 0;
    for (let left = count; left > 0; left--) {
      if (at + COMMAND_BYTES > commands.length) throw new InspectionError("a damaged Mach-O file");
      const size = commands.readUInt32LE(at + 4);
      if (size < COMMAND_BYTES || at + size > commands.length) throw new InspectionError("a damaged Mach-O file");
      this.take(commands.readUInt32LE(at), commands.subarray(at, at + size));
      at += size;
    }
  }

  private take(kind: number, command: Buffer): void {
    if (kind === LC_SEGMENT_64 && command.length >= 40 && command.toString("latin1", 8, 15) === `${TEXT}\0`)
      this.code = { address: word(command, 24), length: word(command, 32) };
    else if (kind === LC_SYMTAB && command.length >= 24) {
      const [symbols = 0, count = 0, names = 0, length = 0] = new Uint32Array(
        Uint8Array.from(command.subarray(8, 24)).buffer,
      );
      this.symbols = { offset: symbols, length: count * SYMBOL_BYTES };
      this.names = { offset: names, length };
    } else if (kind === LC_FUNCTION_STARTS && command.length >= 16)
      this.functionStarts = { offset: command.readUInt32LE(8), length: command.readUInt32LE(12) };
  }

  private inImage(at: number, length: number): Buffer {
    return this.bytes(this.start + at, length);
  }
}
