// Owns the tokens of JSON: strings, numbers and literals, each read from where a window of the text has it.

import { KEY_BYTES, PARENT, ended, keyEnded } from "./members.as";
import { escapableLanes, hasSpecial, specialLanes } from "./special.as";
import {
  DONE,
  ESCAPED_KEY,
  KEY,
  KEY_STRING,
  NEEDS_DIGIT,
  NEEDS_ESCAPE,
  NEEDS_HEX_DIGIT,
  NEEDS_STRING_TO_GO_ON,
  NOT_ASCII,
  NUMBER_E,
  NUMBER_EXPONENT,
  NUMBER_FRACTION,
  NUMBER_INTEGER,
  NUMBER_MINUS,
  NUMBER_POINT,
  NUMBER_SIGN,
  NUMBER_ZERO,
  READING,
  WANTS_MORE,
  depth,
  fail,
  flags,
  isLast,
  key1,
  keyStart,
  pause,
  state,
  status,
} from "./text.as";

/** @param letters the last four of the literal */
export function literal(at: usize, end: usize, letters: u32, length: usize, reason: i32): usize {
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

/** Goes on inside a string, up to behind its closing quote. */
export function string(from: usize, end: usize): usize {
  let at = from;
  let isEscaped: u32 = 0; // the byte at `at`
  let isPlain = false;
  while (at < end) {
    // 16 at a time, also beyond the end: what is found there does not count, and the first byte there is a 0.
    const bytes = v128.load(at);
    if (i8x16.bitmask(bytes)) flags |= NOT_ASCII; // perhaps behind the string: then the encoding is checked in vain
    let stops: u32 = i8x16.bitmask(specialLanes(bytes));
    if ((stops | isEscaped) == 0) {
      at += 16;
      if (isPlain) at = plain(at, end);
      isPlain = true;
      continue;
    }
    isPlain = false;
    // Of escapes only those are looked at by themselves that are longer than two letters, or wrong.
    const backslashes: u32 = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(0x5c)));
    const escaped = behind(backslashes, isEscaped);
    stops &= ~(backslashes | escaped);
    stops |= escaped & 0xffff & ~i8x16.bitmask(escapableLanes(bytes));
    const place = ctz(stops);
    if (state == KEY_STRING && (escaped & ((2 << place) - 1)) != 0) noteEscape();
    if (stops == 0) {
      at += 16;
      isEscaped = escaped >> 16;
      continue;
    }
    const found = at + <usize>place;
    if (((escaped >> place) & 1) != 0) {
      if (found > end) break;
      at = escape(found - 1, end);
      if (status != READING) return at;
      isEscaped = 0;
      continue;
    }
    if (found >= end) break;
    if (load<u8>(found) != 0x22) {
      fail(found, NEEDS_STRING_TO_GO_ON);
      return found;
    }
    if (state == KEY_STRING) keyEnded(found);
    else ended(found + 1);
    return found + 1;
  }
  if (at == end && isEscaped != 0) return escape(end - 1, end);
  // A name that may be wanted must be seen whole.
  if (state == KEY_STRING && keyStart != 0 && end - keyStart <= KEY_BYTES) {
    state = KEY;
    return pause(keyStart - 1, end, NEEDS_STRING_TO_GO_ON);
  }
  return pause(end, end, NEEDS_STRING_TO_GO_ON);
}

/** Which of 16 bytes stand behind a backslash that does not stand behind one itself, and whether the next one does. */
function behind(backslashes: u32, isFirst: u32): u32 {
  const beginning = backslashes & ~isFirst;
  if ((beginning & (beginning << 1)) == 0) return (beginning << 1) | isFirst;
  let escaped = isFirst;
  for (let left = beginning; left != 0; ) {
    const next = (left & -left) << 1;
    escaped |= next;
    left &= ~(next | (next >> 1));
  }
  return escaped;
}

/** A name with escapes may be one that is wanted: it is not compared. */
function noteEscape(): void {
  if (depth == 1 || (depth == 2 && key1 == PARENT)) flags |= ESCAPED_KEY;
}

/** Skips what is nothing but itself inside a string, 64 bytes at a time. */
function plain(from: usize, end: usize): usize {
  let at = from;
  while (at + 64 <= end) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    if (hasSpecial(a, b, c, d)) break;
    if (i8x16.bitmask(v128.or(v128.or(a, b), v128.or(c, d)))) flags |= NOT_ASCII;
    at += 64;
  }
  return at < end ? at : end;
}

/** The escape at a backslash. @returns where to go on; `at` where it must be given again */
function escape(at: usize, end: usize): usize {
  if (state == KEY_STRING) noteEscape();
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
export function number(from: usize, end: usize): usize {
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
