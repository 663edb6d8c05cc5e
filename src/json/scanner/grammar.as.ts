// Owns the JSON grammar (RFC 8259): whether bytes are one JSON value, where it ends, and where the values of certain
// members are. AssemblyScript, compiled to WebAssembly by `npm run scanner`; scanner.ts is its face in TypeScript.
//
// The text comes in windows of any length, one after the other. A window may end anywhere: what was begun is kept in
// text.as.ts, and the few bytes of a token that must be seen whole (a literal, an escape) are given again.

import { clearSpans, ended, mark } from "./members.as";
import {
  AFTER_VALUE,
  COLON,
  FIRST_KEY,
  FIRST_VALUE,
  KEY,
  KEY_STRING,
  NEEDS_ARRAY_TO_GO_ON,
  NEEDS_COLON,
  NEEDS_FALSE,
  NEEDS_NAME,
  NEEDS_NULL,
  NEEDS_OBJECT_TO_GO_ON,
  NEEDS_TRUE,
  NEEDS_VALUE,
  NUMBER_INTEGER,
  NUMBER_MINUS,
  NUMBER_ZERO,
  OTHER_ELEMENTS,
  READING,
  STRING,
  VALUE,
  WANTS_MORE,
  WINDOW,
  WINDOW_BYTES,
  base,
  depth,
  fail,
  flags,
  inObject,
  isLast,
  key1,
  key2,
  keyStart,
  pause,
  position,
  state,
  status,
} from "./text.as";
import { literal, number, string } from "./tokens.as";

export { quote } from "./quote.as";

// Behind the window is room to read 16 bytes at a time. The stack has a byte per open container: whether it is an object.
const STACK: usize = WINDOW + WINDOW_BYTES + 64;

// What came of a window, as three u32 behind the spans: `status`, `flags`, and where in the text the value ended or what is
// wrong with it.
const OUTCOME: usize = 2304;

/**
 * Reads the first window of a new text.
 * @param at the position of its first byte
 * @param offset where in the window it begins
 * @returns as `read`
 */
export function scan(at: u32, offset: u32, length: u32, last: bool): u32 {
  status = WANTS_MORE;
  flags = 0;
  state = VALUE;
  depth = 0;
  inObject = 0;
  key1 = -1;
  key2 = -1;
  clearSpans(0);
  clearSpans(1);
  base = WINDOW + offset - at;
  return readFrom(WINDOW + offset, length, last);
}

/**
 * Reads the next window.
 * @param last whether the text ends with it
 * @returns how many of its bytes were taken; while `status` is WANTS_MORE the others are to be given again
 */
export function read(length: u32, last: bool): u32 {
  return readFrom(WINDOW, length, last);
}

function readFrom(start: usize, length: u32, last: bool): u32 {
  const end = start + length;
  const next = load<u8>(end);
  store<u8>(end, 0);
  isLast = last;
  const taken = <u32>(walk(start, end) - start);
  if (status == WANTS_MORE) base += WINDOW - (start + taken); // what was not taken comes to the window's begin
  store<u8>(end, next);
  store<u32>(OUTCOME, status);
  store<u32>(OUTCOME, flags, 4);
  store<u32>(OUTCOME, position, 8);
  return taken;
}

/** @returns where it has come to */
function walk(start: usize, end: usize): usize {
  status = READING;
  keyStart = 0;
  let at = start;
  if (state >= STRING) at = state <= KEY_STRING ? string(at, end) : number(at, end);
  while (status == READING) {
    let byte: u32 = load<u8>(at);
    while (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09) byte = load<u8>(++at);
    if (at >= end) return pause(at, end, needed());
    // As what is mostly next without white space before it is read at once, each member takes one round.
    if (state == AFTER_VALUE) {
      if (byte == (inObject ? 0x7d : 0x5d)) {
        at = close(at);
        continue;
      }
      if (byte != 0x2c) return fail(at, needed());
      state = inObject ? KEY : VALUE;
      byte = load<u8>(++at);
      if (byte <= 0x20) continue;
    }
    if (state == KEY || state == FIRST_KEY) {
      if (byte == 0x7d && state == FIRST_KEY) {
        at = close(at);
        continue;
      }
      if (byte != 0x22) return fail(at, NEEDS_NAME);
      keyStart = at + 1;
      state = KEY_STRING;
      at = string(at + 1, end);
      if (state != COLON) continue;
      byte = load<u8>(at);
      if (byte <= 0x20) continue;
    }
    if (state == COLON) {
      if (byte != 0x3a) return fail(at, NEEDS_COLON);
      state = VALUE;
      byte = load<u8>(++at);
      if (byte <= 0x20) continue;
    }
    at = byte == 0x5d && state == FIRST_VALUE ? close(at) : value(at, end, byte);
  }
  return at;
}

/** What a text that ends here lacks. */
function needed(): i32 {
  if (state <= FIRST_VALUE) return NEEDS_VALUE;
  if (state <= FIRST_KEY) return NEEDS_NAME;
  if (state == COLON) return NEEDS_COLON;
  return inObject ? NEEDS_OBJECT_TO_GO_ON : NEEDS_ARRAY_TO_GO_ON;
}

/** A value begins. @returns where to go on; `at` where all of it must be given again */
function value(at: usize, end: usize, byte: u32): usize {
  if (depth == 1) mark(0, key1, at);
  else if (depth == 2) {
    if (inObject) mark(1, key2, at);
    else if (byte != 0x22 && key1 >= 0) flags |= OTHER_ELEMENTS << key1;
  }
  switch (byte) {
    case 0x22:
      state = STRING;
      return string(at + 1, end);
    case 0x7b:
      open(1);
      state = FIRST_KEY;
      return at + 1;
    case 0x5b:
      open(0);
      state = FIRST_VALUE;
      return at + 1;
    case 0x2d:
      state = NUMBER_MINUS;
      return number(at + 1, end);
    case 0x30:
      state = NUMBER_ZERO;
      return number(at + 1, end);
    case 0x74: // true
      return literal(at, end, 0x65757274, 4, NEEDS_TRUE);
    case 0x66: // f, then alse
      return literal(at, end, 0x65736c61, 5, NEEDS_FALSE);
    case 0x6e: // null
      return literal(at, end, 0x6c6c756e, 4, NEEDS_NULL);
    default:
      if (byte - 0x31 < 9) {
        state = NUMBER_INTEGER;
        return number(at + 1, end);
      }
      fail(at, NEEDS_VALUE);
      return at + 1;
  }
}

function open(isObject: u32): void {
  const place = STACK + depth;
  if (place >= <usize>memory.size() << 16) memory.grow(memory.size()); // twice as much
  store<u8>(place, <u8>inObject);
  depth++;
  inObject = isObject;
}

function close(at: usize): usize {
  depth--;
  inObject = load<u8>(STACK + depth);
  ended(at + 1);
  return at + 1;
}

