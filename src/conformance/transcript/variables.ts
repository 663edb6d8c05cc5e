// The variables of one run of a transcript: `${name}` in its strings, and what was captured.

import type { Pattern } from "./pattern.ts";
import type { Pieces } from "./pieces.ts";

const REFERENCE = /\$\{(json:)?([A-Za-z][A-Za-z0-9_]*)\}/g;
const WHOLE_REFERENCE = /^\$\{([A-Za-z][A-Za-z0-9_]*)\}$/;

export class Variables {
  private readonly values: Map<string, Pattern>;

  constructor(values: Readonly<Record<string, string>>) {
    this.values = new Map(Object.entries(values));
  }

  set(name: string, value: Pattern): void {
    this.values.set(name, value);
  }

  /** `${name}` is the value as text, `${json:name}` its JSON text. @param more variables for this text alone */
  expandText(text: string, more: Readonly<Record<string, string>> = {}): string {
    return text.replace(REFERENCE, (_, json: string | undefined, name: string) => {
      const value = Object.hasOwn(more, name) ? more[name] : this.get(name);
      return json === undefined && typeof value === "string" ? value : JSON.stringify(value);
    });
  }

  /** A string that is nothing but `${name}` becomes the value itself, of whatever type. `$raw` holds pieces. */
  expand(json: Pattern): Pattern {
    if (typeof json === "string") {
      const whole = WHOLE_REFERENCE.exec(json)?.[1];
      return whole === undefined ? this.expandText(json) : this.get(whole);
    }
    if (Array.isArray(json)) return json.map((element) => this.expand(element));
    if (typeof json !== "object" || json === null) return json;
    const expandMember = (key: string, value: Pattern) =>
      key === "$raw" ? this.expandPieces(value as Pieces).toString() : this.expand(value);
    return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, expandMember(key, value)]));
  }

  expandPieces(pieces: Pieces, more: Readonly<Record<string, string>> = {}): Buffer {
    if (typeof pieces === "string") return Buffer.from(this.expandText(pieces, more));
    if (Array.isArray(pieces)) return Buffer.concat(pieces.map((piece) => this.expandPieces(piece, more)));
    if ("base64" in pieces) return Buffer.from(pieces.base64, "base64");
    const part = this.expandPieces(pieces.repeat, more);
    return Buffer.alloc(part.length * pieces.times, part);
  }

  private get(name: string): Pattern {
    const value = this.values.get(name);
    if (value !== undefined) return value;
    const known = [...this.values.keys()].join(", ");
    throw new Error(`the transcript uses \${${name}}, which nothing has set; there are ${known}`);
  }
}
