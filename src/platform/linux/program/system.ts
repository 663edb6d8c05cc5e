// Owns which system this is.

import { nativeFunction } from "../../../ffi/ffi.ts";

/** As processes and packages call it. */
export const system: "linux" | "windows" | "macos" = "linux";

/** The C libraries that a Linux system may have. */
export type CLibrary = "glibc" | "musl";

/** The one that this program runs on; undefined where the system has but one. */
export const ownCLibrary: CLibrary | undefined =
  nativeFunction("gnu_get_libc_version", "uintptr_t", []) === undefined ? "musl" : "glibc";
