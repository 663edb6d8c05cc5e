// JSON for people: indented, in colours, cut where it is large. Made from the text as it was written, so that numbers,
// escapes, the order of members and members given twice stay what they are.

import type { RawJson } from "../../../protocol/raw.ts";
import { skipSpace, skipValue } from "../../json/scan.ts";

/** How much is shown; of what is more, how much that is. */
export interface Bounds {
  /** Bytes of a string. */
  readonly string: number;
  /** Elements of an array, members of an object. */
  readonly items: number;
  /** Arrays and objects in one another. */
  readonly depth: number;
  /** Lines in all, from which on nothing is begun. */
  readonly lines: number;
}

export const bounds: Bounds = { string: 1000, items: 100, depth: 12, lines: 500 };

export interface Pretty {
  readonly text: string;
  /** Whether something was left out. */
  readonly isCut: boolean;
}

/** SGR parameters (ECMA-48). */
const colours = { name: "34", string: "32", number: "33", word: "35", note: "2" } as const;
type Part = keyof typeof colours;

const INDENT = "  ";
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const LETTER_U = 0x75;
const LETTER_A = 0x61;

/** What JSON has unescaped and a terminal might obey, or show in another order. */
const commands = /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

export const count = new Intl.NumberFormat("en");

/** @param isColoured whether the terminal has colours */
export function prettyJson(value: RawJson, isColoured: boolean, within: Bounds = bounds): Pretty {
  const printer = new Printer(value.bytes, isColoured, within);
  printer.value(0, 0);
  return { text: printer.text, isCut: printer.isCut };
}

/** The same on one line, without colours, and cut at its end. */
export function jsonLine(value: RawJson, most = bounds.string): string {
  const end = endWithin(value.bytes, 0, value.bytes.length, most);
  const left = value.bytes.length - end;
  const text = textOf(value.bytes, 0, end).replaceAll(/[\r\n]/g, " ");
  return left === 0 ? text : `${text}${bytesMore(left)}; pipe it to have them`;
}

class Printer {
  text = "";
  isCut = false;
  private lines = 1;
  private readonly bytes: Uint8Array;
  private readonly isColoured: boolean;
  private readonly within: Bounds;

  constructor(bytes: Uint8Array, isColoured: boolean, within: Bounds) {
    this.bytes = bytes;
    this.isColoured = isColoured;
    this.within = within;
  }

  /** Writes the value at `start`, which is inside of `depth` others. @returns where it ends */
  value(start: number, depth: number): number {
    const first = this.bytes[start] as number;
    if (first === OPEN_BRACE || first === OPEN_BRACKET) return this.container(start, depth, first === OPEN_BRACE);
    const end = skipValue(this.bytes, start);
    if (first === QUOTE) this.string(start, end, "string");
    else this.write(first >= LETTER_A ? "word" : "number", textOf(this.bytes, start, end));
    return end;
  }

  private container(start: number, depth: number, isObject: boolean): number {
    const { items, depth: deepest, lines } = this.within;
    const [opening, closing, noun] = isObject ? ["{", "}", "member"] : ["[", "]", "element"];
    this.text += opening;
    let shown = 0;
    let at = skipSpace(this.bytes, start + 1);
    while (!this.isClosing(at) && depth < deepest && shown < items && this.lines < lines) {
      if (shown++ > 0) this.text += ",";
      this.line(depth + 1);
      at = skipSpace(this.bytes, isObject ? this.member(at, depth + 1) : this.value(at, depth + 1));
      if (this.bytes[at] === COMMA) at = skipSpace(this.bytes, at + 1);
    }
    if (!this.isClosing(at)) {
      const { items: left, end } = rest(this.bytes, at);
      at = end;
      if (shown > 0) {
        this.text += ",";
        this.line(depth + 1);
      }
      this.note(`… ${count.format(left)} ${shown > 0 ? "more " : ""}${noun}${left === 1 ? "" : "s"}`);
    }
    if (shown > 0) this.line(depth);
    this.text += closing;
    return at + 1;
  }

  private member(start: number, depth: number): number {
    const end = skipValue(this.bytes, start);
    this.string(start, end, "name");
    this.text += ": ";
    return this.value(this.valueOf(end), depth);
  }

  /** Where the value begins whose name ends at `nameEnd`. */
  private valueOf(nameEnd: number): number {
    const colon = skipSpace(this.bytes, nameEnd);
    return skipSpace(this.bytes, this.bytes[colon] === COLON ? colon + 1 : colon);
  }

  private isClosing(at: number): boolean {
    return this.bytes[at] === CLOSE_BRACE || this.bytes[at] === CLOSE_BRACKET;
  }

  private string(start: number, end: number, part: Part): void {
    const cut = endWithin(this.bytes, start + 1, end - 1, this.within.string);
    const left = end - 1 - cut;
    this.write(part, `"${textOf(this.bytes, start + 1, cut)}${left > 0 ? "…" : ""}"`);
    if (left > 0) this.note(` ${bytesMore(left)}`);
  }

  private note(text: string): void {
    this.isCut = true;
    this.write("note", text);
  }

  private line(depth: number): void {
    this.lines++;
    this.text += `\n${INDENT.repeat(depth)}`;
  }

  private write(part: Part, text: string): void {
    this.text += this.isColoured ? `\u001b[${colours[part]}m${text}\u001b[0m` : text;
  }
}

/** What is left of a container, from the beginning of an item on. @returns how many items that are, and where it ends */
function rest(bytes: Uint8Array, start: number): { items: number; end: number } {
  let items = 1;
  let depth = 0;
  for (let at = start; ; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth-- === 0) return { items, end: at };
    } else if (byte === COMMA && depth === 0) items++;
  }
}

/** Where the closing quote is. */
function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

function bytesMore(left: number): string {
  return `… ${count.format(left)} more byte${left === 1 ? "" : "s"}`;
}

/** Where a text is cut so that at most `most` bytes of it are left: between two characters, which may be escaped. */
function endWithin(bytes: Uint8Array, start: number, end: number, most: number): number {
  if (end - start <= most) return end;
  let at = start;
  for (;;) {
    const next = at + characterLength(bytes, at);
    if (next - start > most) return at;
    at = next;
  }
}

function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first === BACKSLASH) return bytes[at + 1] === LETTER_U ? 6 : 2;
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

function textOf({ buffer, byteOffset }: Uint8Array, start: number, end: number): string {
  const text = Buffer.from(buffer, byteOffset + start, end - start).toString("utf8");
  return text.replaceAll(commands, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
