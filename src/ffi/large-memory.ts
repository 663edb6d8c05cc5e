// Owns large pieces of memory that come and go with each message. Left to the collector they would pile up, and each new
// one would have to be made and cleared by the system, which takes longer than all that dlrpc does with it.

import { nativeFunction } from "./ffi.ts";

const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;

/** The largest piece that the C library can be had to keep (mallopt(3), DEFAULT_MMAP_THRESHOLD_MAX). */
const LARGEST_KEPT_BYTES = 32 * 1024 * 1024;
const MOST_KEPT_BYTES = 2 * LARGEST_KEPT_BYTES;
/** The system gets back what was kept when for so long nothing was needed of at least a part of the size. */
const LOOK_AGAIN_MS = 300;
const PART = 1 / 4;
/** When V8's compilers are mostly done with what runs most. */
const COMPILED_MS = 1500;

const setOption = nativeFunction("mallopt", "int", ["int", "int"]);
const trim = nativeFunction("malloc_trim", "int", ["size_t"]);

let isKept = false;
let isTimed = false;
/** The largest piece that was needed since the last trim, and since the last look. */
let largest = 0;
let largestOfLate = 0;

/** From now on what is freed is kept for what comes next, for as long as that comes soon, where the C library can do so. */
export function keepLargeMemory(): void {
  if (setOption === undefined || trim === undefined) return;
  setOption(M_MMAP_THRESHOLD, LARGEST_KEPT_BYTES);
  setOption(M_TRIM_THRESHOLD, MOST_KEPT_BYTES);
  isKept = true;
  lookLater(); // a start leaves much behind that the C library would keep, and so do the first calls
  setTimeout(() => trim(0), COMPILED_MS).unref();
}

/** Memory for a large text: not cleared, and with nothing else in it. To be freed when it is not needed any more. */
export function allocate(bytes: number): Buffer {
  note(bytes);
  return Buffer.allocUnsafeSlow(bytes);
}

/**
 * Frees memory. All views of it are empty from then on.
 * @param bytes all of what shares this memory, or a part of it
 */
export function free({ buffer }: Uint8Array): void {
  note(buffer.byteLength);
  (buffer as ArrayBuffer).transfer(0);
}

function note(bytes: number): void {
  largestOfLate = Math.max(largestOfLate, bytes);
  if (isKept && !isTimed) lookLater();
}

function lookLater(): void {
  isTimed = true;
  setTimeout(look, LOOK_AGAIN_MS).unref();
}

function look(): void {
  isTimed = false;
  if (largestOfLate <= largest * PART) {
    trim?.(0);
    largest = 0;
  }
  largest = Math.max(largest, largestOfLate);
  largestOfLate = 0;
  if (largest > 0) lookLater();
}
