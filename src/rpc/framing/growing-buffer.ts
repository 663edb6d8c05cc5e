// Owns bytes that arrive in pieces of any size: amortised linear time, at most twice the memory.

import { LARGE_BYTES } from "../../../protocol/raw.ts";
import { allocate, free } from "../../ffi/large-memory.ts";

const SMALLEST = 1024;

export class GrowingBuffer {
  private bytes: Buffer = Buffer.alloc(0);
  length = 0;

  append(chunk: Uint8Array): void {
    const needed = this.length + chunk.length;
    if (needed > this.bytes.length) {
      const size = Math.max(needed, this.bytes.length * 2, SMALLEST);
      const larger = size < LARGE_BYTES ? Buffer.allocUnsafe(size) : allocate(size);
      this.bytes.copy(larger, 0, 0, this.length);
      if (this.bytes.length >= LARGE_BYTES) free(this.bytes); // the collector would be called for what is left behind
      this.bytes = larger;
    }
    this.bytes.set(chunk, this.length);
    this.length = needed;
  }

  /** What was appended, which is then no longer here. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.length);
    this.clear();
    return taken;
  }

  clear(): void {
    this.bytes = Buffer.alloc(0);
    this.length = 0;
  }
}
