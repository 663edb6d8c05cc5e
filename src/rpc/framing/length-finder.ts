// Owns finding `Content-Length: <digits>` and a raw line end in bytes that make no sense otherwise (W5).

const NAME = Buffer.from("content-length:");
const MOST_DIGITS = 20;
const TAB = 0x09;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

/**
 * Looks at each byte once and stores none but the digits. Of the name only the first byte is a `c`, so that a mismatch
 * needs no going back.
 */
export class LengthFinder {
  private matched = 0;
  private digits = "";
  private sawReturn = false;

  /** @returns where to go on, and the header line where it was found */
  push(chunk: Buffer, from: number): { end: number; header?: string } {
    for (let at = from; at < chunk.length; at++) {
      if (this.completes(chunk[at] as number)) return { end: at + 1, header: `Content-Length: ${this.digits}` };
    }
    return { end: chunk.length };
  }

  /** Takes one byte. @returns whether it completes the line */
  private completes(byte: number): boolean {
    if (this.matched < NAME.length) {
      if (lowerCase(byte) === NAME[this.matched]) this.matched++;
      else this.restart(byte);
      return false;
    }
    const hasDigits = this.digits !== "";
    if (hasDigits && byte === NEWLINE) return true;
    if (this.sawReturn) this.restart(byte);
    else if (hasDigits && byte === CARRIAGE_RETURN) this.sawReturn = true;
    else if (byte >= 0x30 && byte <= 0x39 && this.digits.length < MOST_DIGITS) this.digits += byte - 0x30;
    else if (hasDigits || (byte !== SPACE && byte !== TAB)) this.restart(byte);
    return false;
  }

  private restart(byte: number): void {
    this.matched = lowerCase(byte) === NAME[0] ? 1 : 0;
    this.digits = "";
    this.sawReturn = false;
  }
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}
