// What a failure shows of a conversation: each thing sent and received, shortened, in order.

const LINE_LIMIT = 400;
const MOST_LINES = 60;

export class Conversation {
  private readonly all: string[] = [];

  sent(bytes: Buffer): void {
    this.all.push(`→ ${printable(bytes)}`);
  }

  received(bytes: Buffer): void {
    this.all.push(`← ${printable(bytes)}`);
  }

  /** Anything but bytes: stdin closed, a signal. */
  happened(what: string): void {
    this.all.push(`· ${what}`);
  }

  /** The last of it. */
  get lines(): readonly string[] {
    const left = this.all.length - MOST_LINES;
    return left <= 0 ? this.all : [`(${left} before)`, ...this.all.slice(-MOST_LINES)];
  }
}

/** Bytes as text of one line: what cannot be seen is escaped. */
export function printable(bytes: Buffer): string {
  const text = bytes.subarray(0, LINE_LIMIT).toString("utf8").replace(/\n$/, "");
  const shown = text
    .replace(/\r/g, "\\r")
    .replace(/\n/g, "\\n")
    .replace(/\p{Cc}|\ufffd/gu, escaped);
  return bytes.length > LINE_LIMIT ? `${shown}… (${bytes.length} bytes)` : shown;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
