// Owns the check that bytes are well-formed JSON (RFC 8259), and finding the members of an object without parsing
// their values (M5). Encoding is not checked here: `isUtf8` of node:buffer does that for a whole message at once.

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");
const NULL = Buffer.from("null");

/** Nesting deeper than this is legal but rare; a stack that grew past it is not kept. */
const KEPT_STACK = 4096;

/** Text that is not JSON: what was found, what was needed, and where (`offset` in bytes). */
export class JsonSyntaxError extends Error {
  readonly offset: number;

  constructor(bytes: Uint8Array, offset: number, needed: string) {
    super(`byte ${offset}: found ${describeByte(bytes[offset])}, needed ${needed}`);
    this.name = "JsonSyntaxError";
    this.offset = offset;
  }
}

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
    const keyEnd = skipKeyString(bytes, at);
    const key = decodeKey(bytes, at, keyEnd);
    at = skipSpace(bytes, visit(key, skipColon(bytes, keyEnd)));
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
  for (;;) {
    const byte = bytes[i];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return i;
    i++;
  }
}

let stack = new Uint8Array(KEPT_STACK);

/**
 * The index behind the value that begins at `start`. Iterative: nesting is limited by the size of the text alone.
 * @throws JsonSyntaxError
 */
export function skipValue(bytes: Uint8Array, start: number): number {
  let at = start;
  let depth = 0; // stack[0..depth) holds the closing byte of each open container
  for (;;) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = skipString(bytes, at);
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      const isObject = byte === OPEN_BRACE;
      const close = isObject ? CLOSE_BRACE : CLOSE_BRACKET;
      at = skipSpace(bytes, at + 1);
      if (bytes[at] === close) {
        at++;
      } else {
        if (depth === stack.length) growStack();
        stack[depth++] = close;
        if (isObject) at = skipColon(bytes, skipKeyString(bytes, at));
        continue;
      }
    } else {
      at = skipPrimitive(bytes, at, byte);
    }
    // A value ended here: close what closes, then go on to the next value.
    for (;;) {
      if (depth === 0) {
        if (stack.length > KEPT_STACK) stack = new Uint8Array(KEPT_STACK);
        return at;
      }
      at = skipSpace(bytes, at);
      const close = stack[depth - 1];
      if (bytes[at] === close) {
        at++;
        depth--;
        continue;
      }
      if (bytes[at] !== COMMA) {
        throw new JsonSyntaxError(bytes, at, close === CLOSE_BRACE ? "`,` or `}`" : "`,` or `]`");
      }
      at = skipSpace(bytes, at + 1);
      if (close === CLOSE_BRACE) at = skipColon(bytes, skipKeyString(bytes, at));
      break;
    }
  }
}

function growStack(): void {
  const larger = new Uint8Array(stack.length * 2);
  larger.set(stack);
  stack = larger;
}

function skipPrimitive(bytes: Uint8Array, at: number, byte: number | undefined): number {
  if (byte === MINUS || isDigit(byte)) return skipNumber(bytes, at);
  if (byte === TRUE[0]) return skipLiteral(bytes, at, TRUE);
  if (byte === FALSE[0]) return skipLiteral(bytes, at, FALSE);
  if (byte === NULL[0]) return skipLiteral(bytes, at, NULL);
  throw new JsonSyntaxError(bytes, at, "a value");
}

function skipLiteral(bytes: Uint8Array, start: number, literal: Uint8Array): number {
  for (let i = 1; i < literal.length; i++) {
    if (bytes[start + i] !== literal[i]) throw new JsonSyntaxError(bytes, start + i, `\`${literal}\``);
  }
  return start + literal.length;
}

function skipNumber(bytes: Uint8Array, start: number): number {
  let at = bytes[start] === MINUS ? start + 1 : start;
  at = bytes[at] === ZERO ? at + 1 : skipDigits(bytes, at);
  if (bytes[at] === DOT) at = skipDigits(bytes, at + 1);
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    const sign = bytes[at + 1];
    at = skipDigits(bytes, sign === 0x2b || sign === MINUS ? at + 2 : at + 1);
  }
  return at;
}

function skipDigits(bytes: Uint8Array, start: number): number {
  if (!isDigit(bytes[start])) throw new JsonSyntaxError(bytes, start, "a digit");
  let at = start + 1;
  while (isDigit(bytes[at])) at++;
  return at;
}

function skipKeyString(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) throw new JsonSyntaxError(bytes, at, "a member name in quotes");
  return skipString(bytes, at);
}

function skipColon(bytes: Uint8Array, start: number): number {
  const at = skipSpace(bytes, start);
  if (bytes[at] !== COLON) throw new JsonSyntaxError(bytes, at, "`:`");
  return skipSpace(bytes, at + 1);
}

function skipString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  for (;;) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at = skipEscape(bytes, at);
    else if (byte === undefined || byte < 0x20) throw new JsonSyntaxError(bytes, at, "the rest of a string");
    else at++;
  }
}

function skipEscape(bytes: Uint8Array, backslash: number): number {
  switch (bytes[backslash + 1]) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return backslash + 2;
    case 0x75: // u
      for (let i = 2; i < 6; i++) {
        if (!isHexDigit(bytes[backslash + i])) throw new JsonSyntaxError(bytes, backslash + i, "a hexadecimal digit");
      }
      return backslash + 6;
    default:
      throw new JsonSyntaxError(bytes, backslash + 1, "an escape such as \\n or \\u0041");
  }
}

function decodeKey(bytes: Uint8Array, start: number, end: number): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
  return text.includes("\\") ? JSON.parse(text) : text.slice(1, -1);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function isHexDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}

function describeByte(byte: number | undefined): string {
  if (byte === undefined) return "the end of the text";
  const hex = `byte 0x${byte.toString(16).padStart(2, "0")}`;
  return byte > 0x20 && byte < 0x7f ? `\`${String.fromCharCode(byte)}\`` : hex;
}
