// Owns the state of the C library that native code can leave changed, or that it needs set up.

import { libc, program } from "./libc.ts";

const FE_DFL_ENV = -1; // glibc and musl
const IO_LINE_BUFFERED = 1;
const LINE_BUFFER_BYTES = 4096;

const fesetenv = libc("fesetenv", "int", ["intptr_t"]);
const malloc = libc("malloc", "uintptr_t", ["size_t"]);
const setvbuf = libc("setvbuf", "int", ["uintptr_t", "uintptr_t", "int", "size_t"]);

/** Rounding mode, flush-to-zero and exceptions as at program start (fesetenv(3)): a plugin's would leak into JS. */
export function restoreFloatingPoint(): void {
  fesetenv(FE_DFL_ENV);
}

/**
 * Lets what native code prints leave line by line, also when stdout is a pipe (setvbuf(3)). Node has left stdout without
 * a buffer, so that `printf` would write each piece of a line on its own. The buffer given here is never freed: the C
 * library writes what is left in it when the process ends.
 */
export function lineBufferStdout(): void {
  const stdout = program.pointer("stdout");
  if (stdout !== undefined) setvbuf(stdout, malloc(LINE_BUFFER_BYTES), IO_LINE_BUFFERED, LINE_BUFFER_BYTES);
}
