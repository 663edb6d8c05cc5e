// Owns the state of the C library that native code can leave changed, or that it needs set up.

import { libc, program } from "./libc.ts";

const FE_DFL_ENV = -1; // glibc and musl
const IO_LINE_BUFFERED = 1;

const fesetenv = libc("fesetenv", "int", ["intptr_t"]);
const setvbuf = libc("setvbuf", "int", ["uintptr_t", "uintptr_t", "int", "size_t"]);

/** Rounding mode, flush-to-zero and exceptions as at program start (fesetenv(3)): a plugin's would leak into JS. */
export function restoreFloatingPoint(): void {
  fesetenv(FE_DFL_ENV);
}

/** Lets `printf` of native code leave at the end of each line also when stdout is a pipe (setvbuf(3)). */
export function lineBufferStdout(): void {
  const stdout = program.pointer("stdout");
  if (stdout !== undefined) setvbuf(stdout, 0, IO_LINE_BUFFERED, 0);
}
