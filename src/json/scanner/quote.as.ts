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
    if (special == 0) {
      const copied = 16 + copyPlain(at + 16, end, to + 16);
      at += copied;
      to += copied;
      continue;
    }
    const plain = <usize>ctz(special);
    at += plain;
    to += plain;
    if (at >= end) break;
    store<u8>(to, 0x5c);
    store<u8>(to, letter(load<u8>(at)), 1);
    at++;
    to += 2;
  }
  return <u32>(to - QUOTED - (at - end));
}

/** Copies for as long as 64 bytes together are nothing but themselves. @returns how many bytes */
function copyPlain(from: usize, end: usize, to: usize): usize {
  const quote = i8x16.splat(0x22);
  const backslash = i8x16.splat(0x5c);
  const space = i8x16.splat(0x20);
  let copied: usize = 0;
  for (; from + copied + 64 <= end; copied += 64) {
    const a = v128.load(from + copied);
    const b = v128.load(from + copied, 16);
    const c = v128.load(from + copied, 32);
    const d = v128.load(from + copied, 48);
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
    v128.store(to + copied, a);
    v128.store(to + copied, b, 16);
    v128.store(to + copied, c, 32);
    v128.store(to + copied, d, 48);
  }
  return copied;
}

/** What stands for a byte behind a backslash. */
function letter(byte: u8): u8 {
  if (byte == 0x0a) return 0x6e; // n
  if (byte == 0x0d) return 0x72; // r
  if (byte == 0x09) return 0x74; // t
  return byte; // a quote or a backslash
}
