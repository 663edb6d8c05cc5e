// Owns making foreign text harmless to a terminal: what would command it is shown in its place.

/** C0 but tab and line feed, DEL and C1; and what turns letters around, so that one reads other than what is there. */
const commands = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** The text with each such character as the bytes that it is. */
export function visible(text: string): string {
  return text.replace(commands, inBytes);
}

/** A character as the bytes that it is, `\x1b`. */
export function inBytes(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}

/** The same for bytes that come bit by bit: a character may be cut in two. What is not UTF-8 becomes U+FFFD. */
export class VisibleStream {
  private readonly decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  /** @returns what can be shown by now */
  write(bytes: Uint8Array): string {
    return visible(this.decoder.decode(bytes, { stream: true }));
  }

  /** @returns what is left where no more comes */
  end(): string {
    return this.decoder.decode();
  }
}
