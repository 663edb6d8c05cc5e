// Owns reading and writing descriptors without a stream's cost per call: system calls on addresses.

import { type Address, errno } from "../../../ffi/ffi.ts";
import { CallError, checked, libc } from "../../../ffi/libc.ts";
import { Region } from "../../../ffi/region.ts";

const O_CLOEXEC = 0o2000000;
const F_SETPIPE_SZ = 1031;
const EINTR = 4;
const EAGAIN = 11;

const readInto = libc("read", "int64_t", ["int", "uintptr_t", "size_t"]);
const writeFrom = libc("write", "int64_t", ["int", "uintptr_t", "size_t"]);
const writeVector = libc("writev", "int64_t", ["int", "uintptr_t", "int"]);
const pipe2 = libc("pipe2", "int", ["void *", "int"]);
const setPipeSize = libc("fcntl", "int", ["int", "int", "int"]);

/** What one call writes at most. */
export const MOST_PIECES = 64;
const WORD = 2 ** 32;
const VECTOR_BYTES = 16; // struct iovec: void *base, size_t length

/** What `read` and `write` answer where a descriptor that does not block is not ready. */
export const NOT_NOW = -1;

/** @returns how many bytes were read, 0 at the end, NOT_NOW @throws CallError read(2) */
export function read(descriptor: number, address: Address, length: number): number {
  for (;;) {
    const count = readInto(descriptor, address, length);
    if (count >= 0) return count;
    if (!isInterrupted("read")) return NOT_NOW;
  }
}

/** @returns how many bytes were written, NOT_NOW @throws Error write(2); its message names the error, such as EPIPE */
export function write(descriptor: number, address: Address, length: number): number {
  for (;;) {
    const count = writeFrom(descriptor, address, length);
    if (count >= 0) return count;
    if (!isInterrupted("write")) return NOT_NOW;
  }
}

function isInterrupted(name: string): boolean {
  const error = errno();
  if (error === EINTR) return true;
  if (error === EAGAIN) return false;
  throw new CallError(name, error);
}

/** Several pieces of memory for one call of writev(2). */
export class IoVector {
  private readonly region = Region.ofSize(MOST_PIECES * VECTOR_BYTES);
  private readonly words = new Uint32Array(this.region.bytes.buffer);

  set(index: number, address: Address, length: number): void {
    const word = (index * VECTOR_BYTES) / 4;
    this.words[word] = address % WORD;
    this.words[word + 1] = address / WORD;
    this.words[word + 2] = length % WORD;
    this.words[word + 3] = length / WORD;
  }

  /** Writes the first `count` pieces. @returns how many bytes were written, NOT_NOW @throws Error writev(2) */
  writeTo(descriptor: number, count: number): number {
    for (;;) {
      const written = writeVector(descriptor, this.region.address, count);
      if (written >= 0) return written;
      if (!isInterrupted("writev")) return NOT_NOW;
    }
  }
}

/** A pipe; both ends are closed in programs started later (pipe2(2)). */
export function pipe(): { readingEnd: number; writingEnd: number } {
  const pair = Buffer.alloc(8);
  checked("pipe2", pipe2(pair, O_CLOEXEC));
  return { readingEnd: pair.readInt32LE(0), writingEnd: pair.readInt32LE(4) };
}

/** What a user may give a pipe without privileges (pipe(7)). */
const LARGE_PIPE_BYTES = 1024 * 1024;

/** Lets a pipe hold more, so that its ends wait for each other less often; the system may refuse (F_SETPIPE_SZ). */
export function enlargePipe(descriptor: number): void {
  setPipeSize(descriptor, F_SETPIPE_SZ, LARGE_PIPE_BYTES);
}
