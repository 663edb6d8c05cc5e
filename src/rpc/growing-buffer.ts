// Owns bytes that arrive in pieces of any size: amortised linear time, at most twice the memory.

const SMALLEST = 1024;

export class GrowingBuffer {
  private bytes = Buffer.alloc(0);
  length = 0;

  append(chunk: Uint8Array): void {
    const needed = this.length + chunk.length;
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2, SMALLEST));
      this.bytes.copy(larger, 0, 0, this.length);
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
