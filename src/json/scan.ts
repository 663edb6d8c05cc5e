// Owns walking over JSON text: its values are checked but not parsed, the members of an object are found (M5). Encoding
// is not checked here: `isUtf8` of node:buffer does that for a whole message at once.

import { JsonSyntaxError, Scanner } from "./scanner/scanner.ts";

export { JsonSyntaxError } from "./scanner/scanner.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Most values that are walked over are short. */
const FIRST_BYTES = 1024;

const scanner = new Scanner();

/** Called for each member of an object; gets the key, decoded, and where the value begins; returns where it ends. */
export type MemberVisitor = (key: string, valueStart: number) => number;

/**
 * Checks that `bytes` are exactly one JSON value with optional white space around it.
 * @returns where the value begins and ends
 * @throws JsonSyntaxError
 */
export function scanDocument(bytes: Uint8Array): { start: number; end: number } {
  const start = skipSpace(bytes, 0);
  const end = skipValue(bytes, start);
  requireEnd(bytes, end);
  return { start, end };
}

/** Checks that only white space follows `offset`. @throws JsonSyntaxError */
export function requireEnd(bytes: Uint8Array, offset: number): void {
  const rest = skipSpace(bytes, offset);
  if (rest !== bytes.length) throw new JsonSyntaxError(bytes, rest, "the end of the text");
}

/**
 * Walks over the members of the object that begins at `start`.
 * @returns the index behind the closing brace
 * @throws JsonSyntaxError, also when there is no object at `start`
 */
export function scanObject(bytes: Uint8Array, start: number, visit: MemberVisitor): number {
  if (bytes[start] !== OPEN_BRACE) throw new JsonSyntaxError(bytes, start, "an object");
  let at = skipSpace(bytes, start + 1);
  if (bytes[at] === CLOSE_BRACE) return at + 1;
  for (;;) {
    const nameEnd = skipName(bytes, at);
    const key = decodeName(bytes, at, nameEnd);
    at = skipSpace(bytes, visit(key, skipColon(bytes, nameEnd)));
    if (bytes[at] === CLOSE_BRACE) return at + 1;
    if (bytes[at] !== COMMA) throw new JsonSyntaxError(bytes, at, "`,` or `}`");
    at = skipSpace(bytes, at + 1);
  }
}

/** Walks over the elements of the array at `start`, as `scanObject` does over members. @throws JsonSyntaxError */
export function scanArray(bytes: Uint8Array, start: number, visit: (valueStart: number) => number): number {
  if (bytes[start] !== OPEN_BRACKET) throw new JsonSyntaxError(bytes, start, "an array");
  let at = skipSpace(bytes, start + 1);
  if (bytes[at] === CLOSE_BRACKET) return at + 1;
  for (;;) {
    at = skipSpace(bytes, visit(at));
    if (bytes[at] === CLOSE_BRACKET) return at + 1;
    if (bytes[at] !== COMMA) throw new JsonSyntaxError(bytes, at, "`,` or `]`");
    at = skipSpace(bytes, at + 1);
  }
}

/** The index of the first byte from `at` on that is not white space. */
export function skipSpace(bytes: Uint8Array, at: number): number {
  let i = at;
  while (isSpace(bytes[i])) i++;
  return i;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** The index of the first byte of the white space that ends at `at`; `at` where there is none. */
export function spaceBefore(bytes: Uint8Array, at: number): number {
  let i = at;
  while (i > 0 && isSpace(bytes[i - 1])) i--;
  return i;
}

/** The index behind the value that begins at `start`. @throws JsonSyntaxError */
export function skipValue(bytes: Uint8Array, start: number): number {
  return scanner.scan(bytes, start, bytes.length, FIRST_BYTES);
}

function skipName(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) throw new JsonSyntaxError(bytes, at, "a member name in quotes");
  return skipValue(bytes, at);
}

function skipColon(bytes: Uint8Array, start: number): number {
  const at = skipSpace(bytes, start);
  if (bytes[at] !== COLON) throw new JsonSyntaxError(bytes, at, "`:`");
  return skipSpace(bytes, at + 1);
}

function decodeName(bytes: Uint8Array, start: number, end: number): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
  return text.includes("\\") ? JSON.parse(text) : text.slice(1, -1);
}
