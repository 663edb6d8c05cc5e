// Reading numbers, texts and addresses as DWARF has them. Source: DWARF 5, section 7.6; LSB 5.0, "DWARF Extensions".

import { InspectionError } from "../reader.ts";

const ABSOLUTE = 0x00;
const RELATIVE = 0x10;
/** By the lower half of an encoding: bytes, and whether there is a sign. */
const FORMS: Readonly<Record<number, readonly [bytes: number, isSigned: boolean]>> = {
  0: [8, false],
  2: [2, false],
  3: [4, false],
  4: [8, false],
  10: [2, true],
  11: [4, true],
  12: [8, true],
};

/** Of the tenth digit of a number to the base of 128: 64 bits have no more. */
const MOST_WEIGHT = 2 ** 63;

/** Reads on in a part of a file, and not beyond it. */
export class DwarfCursor {
  at: number;
  private readonly bytes: Buffer;
  /** Where the bytes are, among the addresses of the file. */
  private readonly address: number;

  constructor(bytes: Buffer, at = 0, address = 0) {
    this.bytes = bytes;
    this.at = at;
    this.address = address;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  number(bytes: number, isSigned = false): number {
    const { at } = this;
    if (at + bytes > this.bytes.length) throw new InspectionError("a table that ends too soon");
    this.at += bytes;
    if (bytes === 8) return Number(isSigned ? this.bytes.readBigInt64LE(at) : this.bytes.readBigUInt64LE(at));
    return isSigned ? this.bytes.readIntLE(at, bytes) : this.bytes.readUIntLE(at, bytes);
  }

  byte(): number {
    return this.number(1);
  }

  /** LEB128 */
  unsigned(): number {
    let value = 0;
    for (let weight = 1; ; weight *= 128) {
      const byte = this.digit(weight);
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
    }
  }

  signed(): number {
    let value = 0;
    for (let weight = 1; ; ) {
      const byte = this.digit(weight);
      value += (byte & 0x7f) * weight;
      weight *= 128;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - weight;
    }
  }

  private digit(weight: number): number {
    if (weight > MOST_WEIGHT) throw new InspectionError("a number with more digits than any has");
    return this.byte();
  }

  text(): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0) throw new InspectionError("a table that ends too soon");
    const text = this.bytes.toString("latin1", this.at, end);
    this.at = end + 1;
    return text;
  }

  /** An address in the given encoding. What is behind a pointer is not followed. */
  pointer(encoding: number): number {
    const place = this.address + this.at;
    const value = this.size(encoding);
    const applied = encoding & 0x70;
    if (applied === RELATIVE) return place + value;
    if (applied === ABSOLUTE) return value;
    throw new InspectionError(`an address of the form ${encoding}`);
  }

  /** So much in the form of such an address. */
  size(encoding: number): number {
    const form = FORMS[encoding & 0xf];
    if (form === undefined) throw new InspectionError(`an address of the form ${encoding}`);
    return this.number(...form);
  }
}
