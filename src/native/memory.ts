// Owns reading and copying memory that has no buffer of JavaScript's around it.

import { type Address, addressOf } from "./ffi.ts";
import { libc } from "./libc.ts";

/** The length of a NUL-terminated string, in bytes (strlen(3)). */
export const stringLength = libc("strlen", "size_t", ["uintptr_t"]) as (string: Address) => number;

/** Copies `length` bytes to an address from another (memcpy(3)). */
export const copyMemory = libc("memcpy", "uintptr_t", ["uintptr_t", "uintptr_t", "size_t"]) as (
  target: Address,
  source: Address,
  length: number,
) => number;

/** A copy of `length` bytes at an address. */
export function bytesAt(address: Address, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  copyMemory(addressOf(bytes), address, length);
  return bytes;
}
