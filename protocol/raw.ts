// RawJson: JSON text that crosses the program unparsed (rule M5).

/**
 * Bytes that arrive are read into memory that is used again: they are valid until whoever is told of them returns. From
 * this many on they have memory of their own and are passed on as they are; fewer are copied by whoever keeps them.
 */
export const LARGE_BYTES = 32 * 1024;

/**
 * One well-formed JSON value as the UTF-8 text that somebody wrote, without white space around it. Whoever makes one
 * has checked the text; nobody who holds one parses and writes it again, so no number, key order or duplicate is lost.
 */
export class RawJson {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The text of a value that dlrpc itself made. */
  static from(value: unknown): RawJson {
    return new RawJson(Buffer.from(JSON.stringify(value)));
  }

  /** The same text in memory of its own, to be kept. */
  kept(): RawJson {
    return this.bytes.length >= LARGE_BYTES ? this : new RawJson(Buffer.from(this.bytes));
  }

  get isObject(): boolean {
    return this.bytes[0] === 0x7b;
  }

  /** The value as JavaScript sees it: for members that dlrpc reads, never for what it passes on. */
  parse(): unknown {
    return JSON.parse(this.toString());
  }

  toString(): string {
    const { buffer, byteOffset, byteLength } = this.bytes;
    return Buffer.from(buffer, byteOffset, byteLength).toString("utf8");
  }
}
