// Owns how far the grammar has come with a text: what was begun, what is expected next, what was found.

/** Where things are in memory. The byte behind a text is a 0 while it is read, so loops need not ask for its end. */
export const WINDOW: usize = 4096;
export const WINDOW_BYTES: usize = 256 * 1024;

/** What is expected next. From STRING on: inside a token. */
export const VALUE: i32 = 0;
export const FIRST_VALUE: i32 = 1;
export const KEY: i32 = 2;
export const FIRST_KEY: i32 = 3;
export const COLON: i32 = 4;
export const AFTER_VALUE: i32 = 5;
export const STRING: i32 = 6;
export const KEY_STRING: i32 = 7;
export const NUMBER_MINUS: i32 = 8;
export const NUMBER_ZERO: i32 = 9;
export const NUMBER_INTEGER: i32 = 10;
export const NUMBER_POINT: i32 = 11;
export const NUMBER_FRACTION: i32 = 12;
export const NUMBER_E: i32 = 13;
export const NUMBER_SIGN: i32 = 14;
export const NUMBER_EXPONENT: i32 = 15;

/** How it stands: between two windows, one of the others than READING. From NEEDS_VALUE on: the text is not JSON, and this was needed at `position`. */
export const READING: i32 = -1;
export const WANTS_MORE: i32 = 0;
export const DONE: i32 = 1;
export const NEEDS_VALUE: i32 = 2;
export const NEEDS_NAME: i32 = 3;
export const NEEDS_COLON: i32 = 4;
export const NEEDS_OBJECT_TO_GO_ON: i32 = 5;
export const NEEDS_ARRAY_TO_GO_ON: i32 = 6;
export const NEEDS_STRING_TO_GO_ON: i32 = 7;
export const NEEDS_ESCAPE: i32 = 8;
export const NEEDS_HEX_DIGIT: i32 = 9;
export const NEEDS_DIGIT: i32 = 10;
export const NEEDS_TRUE: i32 = 11;
export const NEEDS_FALSE: i32 = 12;
export const NEEDS_NULL: i32 = 13;

/** What was met on the way. */
export const NOT_ASCII: i32 = 1; // the encoding needs a check
export const UNKNOWN_KEY: i32 = 2; // a member at depth 2 that is not wanted
export const ESCAPED_KEY: i32 = 4; // a member at depth 1 or 2 whose name was not compared
export const UNKNOWN_OUTER: i32 = 8; // a member at depth 1 that is not wanted
export const OTHER_ELEMENTS: i32 = 256; // shifted by a key of depth 1: its array holds something else than strings

export let status: i32 = WANTS_MORE;
export let flags: i32 = 0;
export let position: u32 = 0;

export let state: i32 = VALUE;
export let depth: u32 = 0;
export let inObject: u32 = 0;
export let key1: i32 = -1;
export let key2: i32 = -1;
export let keyStart: usize = 0; // in this window; 0 where the key began in an earlier one, and is too long to be wanted
export let base: usize = 0; // where the text would begin if all of it lay before what is in the window
export let isLast: bool = false;

export function fail(at: usize, reason: i32): usize {
  status = reason;
  position = <u32>(at - base);
  return at;
}

/** The window ends before what is needed. */
export function pause(at: usize, end: usize, reason: i32): usize {
  if (isLast) fail(end, reason);
  else status = WANTS_MORE;
  return at;
}
