// Owns writing JSON as the contents of a string: text that was checked, of which nothing but quotes, backslashes and white
// space is written otherwise there.

import { WINDOW } from "./text.as";

/** A piece lies where windows do, and behind it what becomes of it: at most twice as much. */
const QUOTED: usize = WINDOW + 96 * 1024;

/** @returns how many bytes have become of the piece's `length` */
export function quote(length: u32): u32 {
  const end = WINDOW + length;
  const quote = i8x16.splat(0x22);
  const backslash = i8x16.splat(0x5c);
  const space = i8x16.splat(0x20);
  let at = WINDOW;
  let to = QUOTED;
  // 16 at a time, also beyond the end: what is copied from there does not count.
  while (at < end) {
    const a = v128.load(at);
    v128.store(to, a);
    const special = i8x16.bitmask(v128.or(v128.or(i8x16.eq(a, quote), i8x16.eq(a, backslash)), i8x16.lt_u(a, space)));
    const plain: usize = special == 0 ? 16 : <usize>ctz(special);
    at += plain;
    to += plain;
    if (special == 0 || at >= end) continue;
    store<u8>(to, 0x5c);
    store<u8>(to, letter(load<u8>(at)), 1);
    at++;
    to += 2;
  }
  return <u32>(to - QUOTED - (at - end));
}

/** What stands for a byte behind a backslash. */
function letter(byte: u8): u8 {
  if (byte == 0x0a) return 0x6e; // n
  if (byte == 0x0d) return 0x72; // r
  if (byte == 0x09) return 0x74; // t
  return byte; // a quote or a backslash
}
