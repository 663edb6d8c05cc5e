// Owns large pieces of memory that come and go with each message. Left to the collector they would pile up, and each new
// one would have to be made and cleared by the system, which takes longer than all that dlrpc does with it.

import { program } from "./libc.ts";

const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;

/** The largest piece that the C library can be had to keep (mallopt(3), DEFAULT_MMAP_THRESHOLD_MAX). */
const LARGEST_KEPT_BYTES = 32 * 1024 * 1024;
const MOST_KEPT_BYTES = 2 * LARGEST_KEPT_BYTES;
/** How long nothing large may have been used before the system gets back what was kept. */
const QUIET_MS = 300;

const setOption = program.function("mallopt", "int", ["int", "int"]);
const trim = program.function("malloc_trim", "int", ["size_t"]);

let isKept = false;
let uses = 0;
let isTimed = false;

/** From now on what is freed is kept for what comes next, for as long as that comes soon, where the C library can do so. */
export function keepLargeMemory(): void {
  if (setOption === undefined || trim === undefined) return;
  setOption(M_MMAP_THRESHOLD, LARGEST_KEPT_BYTES);
  setOption(M_TRIM_THRESHOLD, MOST_KEPT_BYTES);
  isKept = true;
  trimWhenQuiet(); // a start leaves much behind that the C library would keep
}

/**
 * Frees memory that is not needed any more. All views of it are empty from then on.
 * @param bytes all of what shares this memory, or a part of it
 */
export function free({ buffer }: Uint8Array): void {
  (buffer as ArrayBuffer).transfer(0);
  uses++;
  if (isKept && !isTimed) trimWhenQuiet();
}

function trimWhenQuiet(): void {
  const before = uses;
  isTimed = true;
  setTimeout(() => {
    isTimed = false;
    if (uses === before) trim?.(0);
    else trimWhenQuiet();
  }, QUIET_MS).unref();
}
