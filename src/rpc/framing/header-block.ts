// Owns the meaning of header lines: which are understood, and what is wrong with a block of them (W1, W5).

const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/; // a token and a value (RFC 9110, 5.1 and 5.5)
const DECIMAL = /^[0-9]+$/;
const CHARSET = /(?:^|;)\s*charset\s*=\s*"?([^";\s]*)"?/i;
const UTF8 = /^utf-?8$/i;

export class HeaderBlock {
  private lengths = new Set<string>();
  /** The first that is not the one that is understood. */
  private foreignCharset: string | undefined;
  private lines = 0;

  get isEmpty(): boolean {
    return this.lines === 0;
  }

  get hasLength(): boolean {
    return this.lengths.size > 0;
  }

  /** The length of the body in bytes; sensible once `problem` says nothing. */
  get length(): number {
    const [length] = this.lengths;
    return Number(length);
  }

  /** Takes one line without its end. @returns what makes it no header line at all */
  add(line: string): string | undefined {
    const field = FIELD.exec(this.isEmpty ? line.replace(/^\u00ef\u00bb\u00bf/, "") : line); // a BOM, as Latin-1
    if (field === null) return `bytes that belong to no message (\`${line.slice(0, 80)}\`)`;
    this.lines++;
    const [, name = ""] = field;
    const value = (field[2] as string).trim(); // in linear time, which an expression would not be
    switch (name.toLowerCase()) {
      case "content-length":
        this.lengths.add(value.replace(/^0+(?=[0-9])/, ""));
        break;
      case "content-type": {
        const charset = CHARSET.exec(value)?.[1];
        if (charset !== undefined && !UTF8.test(charset)) this.foreignCharset ??= charset;
        break;
      }
    }
    return undefined;
  }

  /** What is wrong with the finished block. */
  problem(): string | undefined {
    const [length] = this.lengths;
    if (length === undefined) return "a header without Content-Length";
    if (this.lengths.size > 1) return `two different lengths (${[...this.lengths].join(" and ")})`;
    if (!DECIMAL.test(length)) return `Content-Length is \`${length.slice(0, 80)}\`, a plain decimal number is needed`;
    if (this.foreignCharset !== undefined) return `charset is \`${this.foreignCharset.slice(0, 80)}\`, utf-8 is needed`;
    return undefined;
  }
}
