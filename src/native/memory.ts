// Owns reading memory that native code returned.

import type { Address } from "./ffi.ts";
import { libc } from "./libc.ts";

/** The length of a NUL-terminated string, in bytes (strlen(3)). */
export const stringLength = libc("strlen", "size_t", ["uintptr_t"]) as (string: Address) => number;

/** Copies `length` bytes from an address into `target` (memcpy(3)). */
export const copyBytes = libc("memcpy", "uintptr_t", ["void *", "uintptr_t", "size_t"]) as (
  target: Uint8Array,
  source: Address,
  length: number,
) => number;
