// The table by which callers are found: what .eh_frame says of a place in a function. Source: DWARF 5, section 6.4, and
// Linux Standard Base 5.0, "Exception Frames". What no compiler emits for functions in C and the like is not understood.

import type { ElfOnDisk } from "../elf/elf-on-disk.ts";
import { InspectionError } from "../reader.ts";
import { DwarfCursor } from "./dwarf-cursor.ts";

/** How a register of the caller is found: in memory, at so much from the frame's address; or in another register. */
export type Rule =
  | { readonly kind: "at"; readonly offset: number }
  | { readonly kind: "is"; readonly offset: number }
  | { readonly kind: "register"; readonly register: number }
  | { readonly kind: "same" }
  | { readonly kind: "none" };

/** What holds at one place. */
export interface CallFrame {
  /** The frame's address: a register and so much. */
  readonly register: number;
  readonly offset: number;
  /** By register. Those that are not there are the caller's still. */
  readonly rules: ReadonlyMap<number, Rule>;
  /** The register in whose column the place is to which the function returns. */
  readonly returns: number;
  /** Whether a signal has interrupted the caller, so that it is right there, and not behind a call. */
  readonly isSignal: boolean;
}

/** The table is searched by halves: version 1, as linkers have made it for decades. */
const TABLE_FORM = 0x3b031b01;
const TABLE_HEADER_BYTES = 12;
const ENTRY_BYTES = 8;
/** No function's entry is as long. */
const MOST_ENTRY_BYTES = 64 * 1024;
/** More states are not kept at once. */
const MOST_KEPT = 16;

/** @param address in a function @returns undefined where the file says nothing of it @throws InspectionError */
export function callFrameAt(elf: ElfOnDisk, address: number): CallFrame | undefined {
  const entry = find(elf, address);
  if (entry === undefined) return undefined;
  const shared = readShared(elf, entry);
  const body = new DwarfCursor(entry.bytes, 8, entry.address);
  const start = body.pointer(shared.encoding);
  const end = start + body.size(shared.encoding);
  if (address < start || address >= end) return undefined;
  if (shared.hasAugmentation) body.skip(body.unsigned());
  const program = new Program(shared);
  program.run(shared.body, start, Number.POSITIVE_INFINITY);
  program.begin();
  program.run(body, start, address);
  return program.frame(shared.isSignal);
}

interface Entry {
  readonly address: number;
  readonly bytes: Buffer;
}

function find(elf: ElfOnDisk, address: number): Entry | undefined {
  const table = elf.frameTable;
  if (table === undefined) return undefined;
  const header = elf.bytesAt(table, TABLE_HEADER_BYTES);
  if (header.readUInt32LE(0) !== TABLE_FORM) return undefined;
  const entryOf = (index: number) => elf.bytesAt(table + TABLE_HEADER_BYTES + index * ENTRY_BYTES, ENTRY_BYTES);
  let [low, high] = [0, header.readUInt32LE(8)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (table + entryOf(middle).readInt32LE(0) <= address) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? undefined : readEntry(elf, table + entryOf(low - 1).readInt32LE(4));
}

function readEntry(elf: ElfOnDisk, address: number): Entry {
  const length = elf.bytesAt(address, 4).readUInt32LE(0);
  if (length < 8 || length > MOST_ENTRY_BYTES) throw new InspectionError(`an entry of ${length} bytes`);
  return { address, bytes: elf.bytesAt(address, 4 + length) };
}

/** What the entries of many functions have in common. */
interface Shared {
  readonly codeAlignment: number;
  readonly dataAlignment: number;
  readonly returns: number;
  readonly hasAugmentation: boolean;
  readonly encoding: number;
  readonly isSignal: boolean;
  readonly body: DwarfCursor;
}

function readShared(elf: ElfOnDisk, entry: Entry): Shared {
  const { address, bytes } = readEntry(elf, entry.address + 4 - entry.bytes.readUInt32LE(4));
  const body = new DwarfCursor(bytes, 8, address);
  const version = body.byte();
  const augmentation = body.text();
  const codeAlignment = body.unsigned();
  const dataAlignment = body.signed();
  const returns = version === 1 ? body.byte() : body.unsigned();
  const hasAugmentation = augmentation.startsWith("z");
  if (augmentation !== "" && !hasAugmentation) throw new InspectionError(`call frames of the form ${augmentation}`);
  let [encoding, isSignal] = [0, false];
  const end = hasAugmentation ? body.unsigned() + body.at : body.at;
  for (const letter of augmentation.slice(1)) {
    if (letter === "R") encoding = body.byte();
    else if (letter === "L") body.byte();
    else if (letter === "P") body.pointer(body.byte());
    else if (letter === "S") isSignal = true;
  }
  body.at = end;
  return { codeAlignment, dataAlignment, returns, hasAugmentation, encoding, isSignal, body };
}

/** The instructions of DWARF 5, table 7.29, and what GNU and AArch64 have added. */
class Program {
  private readonly shared: Shared;
  private register = 0;
  private offset: number | undefined;
  private rules = new Map<number, Rule>();
  private first = new Map<number, Rule>();
  private readonly kept: { register: number; offset: number | undefined; rules: Map<number, Rule> }[] = [];

  constructor(shared: Shared) {
    this.shared = shared;
  }

  /** From now on it is the function's own; what was said is what is restored. */
  begin(): void {
    this.first = new Map(this.rules);
  }

  frame(isSignal: boolean): CallFrame | undefined {
    const { register, offset, rules, shared } = this;
    return offset === undefined ? undefined : { register, offset, rules, returns: shared.returns, isSignal };
  }

  /** Up to what holds at `address`. */
  run(body: DwarfCursor, start: number, address: number): void {
    const { codeAlignment, dataAlignment } = this.shared;
    let place = start;
    const save = (register: number, kind: "at" | "is", factored: number) =>
      this.rules.set(register, { kind, offset: factored * dataAlignment });
    while (!body.isAtEnd) {
      const code = body.byte();
      const operand = code & 0x3f;
      if (code >> 6 === 1) place += operand * codeAlignment;
      else if (code >> 6 === 2) save(operand, "at", body.unsigned());
      else if (code >> 6 === 3) this.restore(operand);
      else if (code === 0x01) place = body.pointer(this.shared.encoding);
      else if (code === 0x02) place += body.byte() * codeAlignment;
      else if (code === 0x03) place += body.number(2) * codeAlignment;
      else if (code === 0x04) place += body.number(4) * codeAlignment;
      else this.change(code, body, save);
      if (place > address) return;
    }
  }

  private change(
    code: number,
    body: DwarfCursor,
    save: (register: number, kind: "at" | "is", factored: number) => void,
  ) {
    const { dataAlignment } = this.shared;
    switch (code) {
      case 0x00: // nop
      case 0x2d: // AARCH64_negate_ra_state: where a place is signed, the signature is taken off anyway
        return;
      case 0x2e: // GNU_args_size
        return void body.unsigned();
      case 0x05: // offset_extended
        return save(body.unsigned(), "at", body.unsigned());
      case 0x11: // offset_extended_sf
        return save(body.unsigned(), "at", body.signed());
      case 0x14: // val_offset
        return save(body.unsigned(), "is", body.unsigned());
      case 0x15: // val_offset_sf
        return save(body.unsigned(), "is", body.signed());
      case 0x06: // restore_extended
        return this.restore(body.unsigned());
      case 0x07: // undefined
        return void this.rules.set(body.unsigned(), { kind: "none" });
      case 0x08: // same_value
        return void this.rules.set(body.unsigned(), { kind: "same" });
      case 0x09: // register
        return void this.rules.set(body.unsigned(), { kind: "register", register: body.unsigned() });
      case 0x0a: // remember_state
        if (this.kept.length >= MOST_KEPT) throw new InspectionError("call frames with too many states");
        return void this.kept.push({ register: this.register, offset: this.offset, rules: new Map(this.rules) });
      case 0x0b: // restore_state
        Object.assign(this, this.kept.pop());
        return;
      case 0x0c: // def_cfa
        this.register = body.unsigned();
        this.offset = body.unsigned();
        return;
      case 0x12: // def_cfa_sf
        this.register = body.unsigned();
        this.offset = body.signed() * dataAlignment;
        return;
      case 0x0d: // def_cfa_register
        this.register = body.unsigned();
        return;
      case 0x0e: // def_cfa_offset
        this.offset = body.unsigned();
        return;
      case 0x13: // def_cfa_offset_sf
        this.offset = body.signed() * dataAlignment;
        return;
      default: // an expression, for one
        throw new InspectionError(`the call frame instruction ${code}`);
    }
  }

  private restore(register: number): void {
    const rule = this.first.get(register);
    if (rule === undefined) this.rules.delete(register);
    else this.rules.set(register, rule);
  }
}
