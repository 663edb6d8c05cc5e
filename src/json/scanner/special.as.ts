// Owns which bytes are not themselves inside a string of JSON: quotes, backslashes, and what is below a space.

/** Of 16 bytes: a lane is set where it is one. */
export function specialLanes(bytes: v128): v128 {
  const quotes = i8x16.eq(bytes, i8x16.splat(0x22));
  const backslashes = i8x16.eq(bytes, i8x16.splat(0x5c));
  return v128.or(v128.or(quotes, backslashes), i8x16.lt_u(bytes, i8x16.splat(0x20)));
}

/** Of 16 bytes: a lane is set where it may follow a backslash and is then all of the escape. */
export function escapableLanes(bytes: v128): v128 {
  // By the halves of a byte: a bit for each upper half that occurs (2, 5, 6, 7), and by the lower half those that it may have.
  const uppers = i8x16(0, 0, 1, 0, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0);
  const lowers = i8x16(0, 0, 13, 0, 8, 0, 4, 0, 0, 0, 0, 0, 2, 0, 4, 1); // "/\\bfnrt
  const lower = i8x16.swizzle(lowers, v128.and(bytes, i8x16.splat(0x0f)));
  const upper = i8x16.swizzle(uppers, i8x16.shr_u(bytes, 4));
  return i8x16.ne(v128.and(lower, upper), i8x16.splat(0));
}

/** Whether there is one among 64 bytes. */
export function hasSpecial(a: v128, b: v128, c: v128, d: v128): bool {
  const quote = i8x16.splat(0x22);
  const backslash = i8x16.splat(0x5c);
  const least = i8x16.min_u(i8x16.min_u(a, b), i8x16.min_u(c, d));
  const quotes = v128.or(
    v128.or(i8x16.eq(a, quote), i8x16.eq(b, quote)),
    v128.or(i8x16.eq(c, quote), i8x16.eq(d, quote)),
  );
  const backslashes = v128.or(
    v128.or(i8x16.eq(a, backslash), i8x16.eq(b, backslash)),
    v128.or(i8x16.eq(c, backslash), i8x16.eq(d, backslash)),
  );
  return v128.any_true(v128.or(v128.or(quotes, backslashes), i8x16.lt_u(least, i8x16.splat(0x20))));
}
