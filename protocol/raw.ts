// Owns RawJson: JSON text that crosses the program unparsed (rule M5).

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
