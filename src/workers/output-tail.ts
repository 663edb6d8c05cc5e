// Owns the last bytes of a stream that is drained but not kept.

const TAIL_BYTES = 4096;

export class OutputTail {
  private readonly chunks: Buffer[] = [];
  private length = 0;

  /** Keeps a copy of what matters. */
  push(chunk: Buffer): void {
    this.chunks.push(Buffer.from(chunk.subarray(-TAIL_BYTES)));
    this.length += Math.min(chunk.length, TAIL_BYTES);
    while (this.chunks[0] !== undefined && this.length - this.chunks[0].length >= TAIL_BYTES) {
      this.length -= this.chunks[0].length;
      this.chunks.shift();
    }
  }

  /** At most 4 KiB of text, the newest. */
  toString(): string {
    return Buffer.concat(this.chunks).subarray(-TAIL_BYTES).toString("utf8");
  }
}
