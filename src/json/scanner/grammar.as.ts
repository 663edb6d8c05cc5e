// Owns the JSON grammar (RFC 8259): whether bytes are one JSON value, where it ends, and where the values of certain
// members are. AssemblyScript, compiled to WebAssembly by `npm run scanner`; ../scanner.ts is its face in TypeScript.
//
// The text comes in windows of any length, one after the other. A window may end anywhere: what was begun is kept in
// the globals below, and the few bytes of a token that must be seen whole (a literal, an escape) are given again.

/** Where things are in memory. The byte behind a window is overwritten, so loops need not ask for its end. */
const KEYS: usize = 1024; // for each depth, 1 and 2: u32 count, then per key u32 length and KEY_BYTES bytes
const KEYS_OF_DEPTH: usize = 512;
const KEY_BYTES: usize = 28;
const SPANS: usize = 2048; // for each depth, per key: u32 start and u32 end of its last value, both 0 where it has none
const SPANS_OF_DEPTH: usize = 128;
const PARENT: i32 = 0; // the key of depth 1 whose members are those of depth 2
const WINDOW: usize = 4096;
const WINDOW_BYTES: usize = 256 * 1024;
// Behind the window is room to read 16 bytes at a time. The stack has a byte per open container: whether it is an object.
const STACK: usize = WINDOW + WINDOW_BYTES + 64;

/** What is expected next. From STRING on: inside a token. */
const VALUE: i32 = 0;
const FIRST_VALUE: i32 = 1;
const KEY: i32 = 2;
const FIRST_KEY: i32 = 3;
const COLON: i32 = 4;
const AFTER_VALUE: i32 = 5;
const STRING: i32 = 6;
const KEY_STRING: i32 = 7;
const NUMBER_MINUS: i32 = 8;
const NUMBER_ZERO: i32 = 9;
const NUMBER_INTEGER: i32 = 10;
const NUMBER_POINT: i32 = 11;
const NUMBER_FRACTION: i32 = 12;
const NUMBER_E: i32 = 13;
const NUMBER_SIGN: i32 = 14;
const NUMBER_EXPONENT: i32 = 15;

/** How it stands: between two windows, one of the others than READING. From NEEDS_VALUE on: the text is not JSON, and this was needed at `position`. */
const READING: i32 = -1;
const WANTS_MORE: i32 = 0;
const DONE: i32 = 1;
const NEEDS_VALUE: i32 = 2;
const NEEDS_NAME: i32 = 3;
const NEEDS_COLON: i32 = 4;
const NEEDS_OBJECT_TO_GO_ON: i32 = 5;
const NEEDS_ARRAY_TO_GO_ON: i32 = 6;
const NEEDS_STRING_TO_GO_ON: i32 = 7;
const NEEDS_ESCAPE: i32 = 8;
const NEEDS_HEX_DIGIT: i32 = 9;
const NEEDS_DIGIT: i32 = 10;
const NEEDS_TRUE: i32 = 11;
const NEEDS_FALSE: i32 = 12;
const NEEDS_NULL: i32 = 13;

/** What was met on the way. */
const NOT_ASCII: i32 = 1; // the encoding needs a check
const UNKNOWN_KEY: i32 = 2; // a member at depth 2 that is not wanted
const ESCAPED_KEY: i32 = 4; // a member at depth 1 or 2 whose name was not compared
const OTHER_ELEMENTS: i32 = 256; // shifted by a key of depth 1: its array holds something else than strings

let status: i32 = WANTS_MORE;
let flags: i32 = 0;
let position: u32 = 0;

let state: i32 = VALUE;
let depth: u32 = 0;
let inObject: u32 = 0;
let key1: i32 = -1;
let key2: i32 = -1;
let keyStart: usize = 0; // in this window; 0 where the key began in an earlier one, and is too long to be wanted
let windowStart: u32 = 0; // of this window, in the text
let isLast: bool = false;

export function getStatus(): i32 {
  return status;
}

export function getFlags(): i32 {
  return flags;
}

/** In the text: where the value ended, or what is wrong with it. */
export function getPosition(): u32 {
  return position;
}

/** Begins a new text, whose first byte has this position. */
export function begin(at: u32): void {
  status = WANTS_MORE;
  flags = 0;
  state = VALUE;
  depth = 0;
  inObject = 0;
  key1 = -1;
  key2 = -1;
  windowStart = at;
  clearSpans(0);
  clearSpans(1);
}

function clearSpans(level: usize): void {
  let span = SPANS + level * SPANS_OF_DEPTH;
  for (let key = load<u32>(KEYS + level * KEYS_OF_DEPTH); key > 0; key--, span += 8) store<u64>(span, 0);
}

/**
 * Reads the next window.
 * @param last whether the text ends with it
 * @returns how many of its bytes were taken; while `status` is WANTS_MORE the others are to be given again
 */
export function read(length: u32, last: bool): u32 {
  const end = WINDOW + length;
  store<u8>(end, 0);
  isLast = last;
  status = READING;
  keyStart = 0;
  let at = WINDOW;
  if (state >= STRING) at = state <= KEY_STRING ? string(at, end) : number(at, end);
  while (status == READING) {
    let byte: u32 = load<u8>(at);
    while (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09) byte = load<u8>(++at);
    if (at >= end) {
      at = pause(at, end, needed());
      break;
    }
    switch (state) {
      case FIRST_VALUE:
        if (byte == 0x5d) {
          at = close(at);
          break;
        }
      // falls through
      case VALUE:
        at = value(at, end, byte);
        break;
      case FIRST_KEY:
        if (byte == 0x7d) {
          at = close(at);
          break;
        }
      // falls through
      case KEY:
        if (byte != 0x22) return fail(at, NEEDS_NAME);
        keyStart = at + 1;
        state = KEY_STRING;
        at = string(at + 1, end);
        break;
      case COLON:
        if (byte != 0x3a) return fail(at, NEEDS_COLON);
        state = VALUE;
        at++;
        break;
      default: // AFTER_VALUE
        if (byte == 0x2c) {
          state = inObject ? KEY : VALUE;
          at++;
        } else if (byte == (inObject ? 0x7d : 0x5d)) {
          at = close(at);
        } else {
          return fail(at, needed());
        }
    }
  }
  if (status == WANTS_MORE) windowStart += <u32>(at - WINDOW);
  return <u32>(at - WINDOW);
}

/** What a text that ends here lacks. */
function needed(): i32 {
  if (state <= FIRST_VALUE) return NEEDS_VALUE;
  if (state <= FIRST_KEY) return NEEDS_NAME;
  if (state == COLON) return NEEDS_COLON;
  return inObject ? NEEDS_OBJECT_TO_GO_ON : NEEDS_ARRAY_TO_GO_ON;
}

function fail(at: usize, reason: i32): u32 {
  status = reason;
  position = windowStart + <u32>(at - WINDOW);
  return <u32>(at - WINDOW);
}

/** The window ends before what is needed. */
function pause(at: usize, end: usize, reason: i32): usize {
  if (isLast) fail(end, reason);
  else status = WANTS_MORE;
  return at;
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

/** @param letters the last four of the literal */
function literal(at: usize, end: usize, letters: u32, length: usize, reason: i32): usize {
  const first = at + length - 4;
  if (at + length <= end && load<u32>(first) == letters) {
    ended(at + length);
    return at + length;
  }
  for (let i: usize = 0; i < 4; i++) {
    if (first + i >= end) return pause(at, end, reason);
    if (load<u8>(first + i) != <u8>(letters >> (<u32>i << 3))) {
      fail(first + i, reason);
      return end;
    }
  }
  return end;
}

/** A value has ended just before `at`. */
function ended(at: usize): void {
  state = AFTER_VALUE;
  if (depth > 2) return;
  if (depth == 0) {
    status = DONE;
    position = windowStart + <u32>(at - WINDOW);
  } else if (depth == 1) {
    markEnd(0, key1, at);
    key1 = -1;
  } else if (inObject) {
    markEnd(1, key2, at);
    key2 = -1;
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

function mark(level: usize, key: i32, at: usize): void {
  if (key < 0) return;
  if (level == 0) {
    // Of a member given twice the last counts, with all that is in it.
    flags &= ~(OTHER_ELEMENTS << key);
    if (key == PARENT) clearSpans(1);
  }
  store<u32>(SPANS + level * SPANS_OF_DEPTH + (<usize>key << 3), windowStart + <u32>(at - WINDOW));
}

function markEnd(level: usize, key: i32, at: usize): void {
  if (key >= 0) store<u32>(SPANS + level * SPANS_OF_DEPTH + (<usize>key << 3), windowStart + <u32>(at - WINDOW), 4);
}

/** A member's name has ended at the quote `at`. */
function keyEnded(at: usize): void {
  state = COLON;
  if (depth == 1) key1 = find(0, at);
  else if (depth == 2 && key1 == PARENT) {
    key2 = find(1, at);
    if (key2 < 0) flags |= UNKNOWN_KEY;
  }
}

/** Which wanted key it is, -1 for none. */
function find(level: usize, at: usize): i32 {
  if (keyStart == 0) return -1;
  const length = at - keyStart;
  let entry = KEYS + level * KEYS_OF_DEPTH;
  const count = load<u32>(entry);
  entry += 4;
  for (let key: u32 = 0; key < count; key++, entry += 4 + KEY_BYTES) {
    if (load<u32>(entry) != <u32>length) continue;
    let same: usize = 0;
    while (same < length && load<u8>(entry + 4 + same) == load<u8>(keyStart + same)) same++;
    if (same == length) return <i32>key;
  }
  return -1;
}

/** Goes on inside a string, up to behind its closing quote. */
function string(from: usize, end: usize): usize {
  let at = plain(from, end);
  while (at < end) {
    const byte: u32 = load<u8>(at);
    if (byte == 0x22) {
      if (state == KEY_STRING) keyEnded(at);
      else ended(at + 1);
      return at + 1;
    }
    if (byte != 0x5c) {
      fail(at, NEEDS_STRING_TO_GO_ON);
      return at;
    }
    const next = escape(at, end);
    if (status != READING) return next;
    at = plain(next, end);
  }
  // A name that may be wanted must be seen whole.
  if (state == KEY_STRING && keyStart != 0 && end - keyStart <= KEY_BYTES) {
    state = KEY;
    return pause(keyStart - 1, end, NEEDS_STRING_TO_GO_ON);
  }
  return pause(end, end, NEEDS_STRING_TO_GO_ON);
}

/** Skips what is nothing but itself inside a string. @returns where something else is, or `end` */
function plain(from: usize, end: usize): usize {
  const quote = i8x16.splat(0x22);
  const backslash = i8x16.splat(0x5c);
  const space = i8x16.splat(0x20);
  let at = from;
  while (at + 64 <= end) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    const least = i8x16.min_u(i8x16.min_u(a, b), i8x16.min_u(c, d));
    const quotes = v128.or(
      v128.or(i8x16.eq(a, quote), i8x16.eq(b, quote)),
      v128.or(i8x16.eq(c, quote), i8x16.eq(d, quote)),
    );
    const slashes = v128.or(
      v128.or(i8x16.eq(a, backslash), i8x16.eq(b, backslash)),
      v128.or(i8x16.eq(c, backslash), i8x16.eq(d, backslash)),
    );
    if (v128.any_true(v128.or(v128.or(quotes, slashes), i8x16.lt_u(least, space)))) break;
    if (i8x16.bitmask(v128.or(v128.or(a, b), v128.or(c, d)))) flags |= NOT_ASCII;
    at += 64;
  }
  // 16 at a time, also beyond the end: what is found there does not count.
  while (at < end) {
    const a = v128.load(at);
    if (i8x16.bitmask(a)) flags |= NOT_ASCII; // perhaps behind the string: then the encoding is checked in vain
    const special = i8x16.bitmask(v128.or(v128.or(i8x16.eq(a, quote), i8x16.eq(a, backslash)), i8x16.lt_u(a, space)));
    if (special != 0) {
      at += <usize>ctz(special);
      return at < end ? at : end;
    }
    at += 16;
  }
  return end;
}

/** The escape at a backslash. @returns where to go on; `at` where it must be given again */
function escape(at: usize, end: usize): usize {
  if (state == KEY_STRING && (depth == 1 || (depth == 2 && key1 >= 0))) flags |= ESCAPED_KEY;
  if (at + 1 >= end) return pause(at, end, NEEDS_ESCAPE);
  switch (load<u8>(at + 1)) {
    case 0x22:
    case 0x5c:
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 2;
    case 0x75: // u
      for (let i: usize = 2; i < 6; i++) {
        if (at + i >= end) return pause(at, end, NEEDS_HEX_DIGIT);
        const byte: u32 = load<u8>(at + i);
        if (byte - 0x30 >= 10 && (byte | 0x20) - 0x61 >= 6) {
          fail(at + i, NEEDS_HEX_DIGIT);
          return at;
        }
      }
      return at + 6;
    default:
      fail(at + 1, NEEDS_ESCAPE);
      return at;
  }
}

/** Goes on inside a number, up to the first byte that does not belong to it. */
function number(from: usize, end: usize): usize {
  let at = from;
  while (true) {
    const byte: u32 = load<u8>(at);
    const isDigit = byte - 0x30 < 10;
    switch (state) {
      case NUMBER_MINUS:
        if (!isDigit) return stopNumber(at, end, NEEDS_DIGIT);
        state = byte == 0x30 ? NUMBER_ZERO : NUMBER_INTEGER;
        break;
      case NUMBER_INTEGER:
        if (isDigit) break;
      // falls through
      case NUMBER_ZERO:
        if (byte == 0x2e) state = NUMBER_POINT;
        else if ((byte | 0x20) == 0x65) state = NUMBER_E;
        else return stopNumber(at, end, DONE);
        break;
      case NUMBER_POINT:
        if (!isDigit) return stopNumber(at, end, NEEDS_DIGIT);
        state = NUMBER_FRACTION;
        break;
      case NUMBER_FRACTION:
        if (isDigit) break;
        if ((byte | 0x20) != 0x65) return stopNumber(at, end, DONE);
        state = NUMBER_E;
        break;
      case NUMBER_E:
        if (byte == 0x2b || byte == 0x2d) {
          state = NUMBER_SIGN;
          break;
        }
      // falls through
      case NUMBER_SIGN:
        if (!isDigit) return stopNumber(at, end, NEEDS_DIGIT);
        state = NUMBER_EXPONENT;
        break;
      default: // NUMBER_EXPONENT
        if (!isDigit) return stopNumber(at, end, DONE);
    }
    at++;
  }
}

/** @param reason DONE where the number may end here, else what it needs */
function stopNumber(at: usize, end: usize, reason: i32): usize {
  if (at >= end && !isLast) status = WANTS_MORE;
  else if (reason == DONE) ended(at);
  else fail(at, reason);
  return at;
}
