// Owns the wanted members: their names, and where their values are in the text.

import {
  AFTER_VALUE,
  COLON,
  DONE,
  OTHER_ELEMENTS,
  UNKNOWN_KEY,
  UNKNOWN_OUTER,
  base,
  depth,
  flags,
  inObject,
  key1,
  key2,
  keyStart,
  position,
  state,
  status,
} from "./text.as";

const KEYS: usize = 1024; // for each depth, 1 and 2: u32 count, then per key u32 length and KEY_BYTES bytes
const KEYS_OF_DEPTH: usize = 512;
export const KEY_BYTES: usize = 28;
const SPANS: usize = 2048; // for each depth, per key: u32 start and u32 end of its last value, both 0 where it has none
const SPANS_OF_DEPTH: usize = 128;
export const PARENT: i32 = 0; // the key of depth 1 whose members are those of depth 2

export function clearSpans(level: usize): void {
  let span = SPANS + level * SPANS_OF_DEPTH;
  for (let key = load<u32>(KEYS + level * KEYS_OF_DEPTH); key > 0; key--, span += 8) store<u64>(span, 0);
}

export function mark(level: usize, key: i32, at: usize): void {
  if (key < 0) return;
  if (level == 0) {
    // Of a member given twice the last counts, with all that is in it.
    flags &= ~(OTHER_ELEMENTS << key);
    if (key == PARENT) clearSpans(1);
  }
  store<u32>(SPANS + level * SPANS_OF_DEPTH + (<usize>key << 3), <u32>(at - base));
}

function markEnd(level: usize, key: i32, at: usize): void {
  if (key >= 0) store<u32>(SPANS + level * SPANS_OF_DEPTH + (<usize>key << 3), <u32>(at - base), 4);
}

/** A member's name has ended at the quote `at`. */
export function keyEnded(at: usize): void {
  state = COLON;
  if (depth == 1) {
    key1 = find(0, at);
    if (key1 < 0) flags |= UNKNOWN_OUTER;
  } else if (depth == 2 && key1 == PARENT) {
    key2 = find(1, at);
    if (key2 < 0) flags |= UNKNOWN_KEY;
  }
}

/** A value has ended just before `at`. */
export function ended(at: usize): void {
  state = AFTER_VALUE;
  if (depth > 2) return;
  if (depth == 0) {
    status = DONE;
    position = <u32>(at - base);
  } else if (depth == 1) {
    markEnd(0, key1, at);
    key1 = -1;
  } else if (inObject) {
    markEnd(1, key2, at);
    key2 = -1;
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
    if (isSame(entry + 4, keyStart, length)) return <i32>key;
  }
  return -1;
}

/** Whether they have the same bytes, 16 at a time: behind both there are others. */
function isSame(a: usize, b: usize, length: usize): boolean {
  for (let at: usize = 0; at < length; at += 16) {
    const other = ~i8x16.bitmask(i8x16.eq(v128.load(a + at), v128.load(b + at)));
    if (at + <usize>ctz(other) < length && ctz(other) < 16) return false;
  }
  return true;
}
