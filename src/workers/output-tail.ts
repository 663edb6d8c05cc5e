// Owns what is kept of a stream that is drained: its end, and, where calls wrote more than that, the beginning of what
// they wrote, as what went wrong often stands there: a panic comes before its backtrace.

const MOST_BYTES = 4096;
const BEGINNING_BYTES = MOST_BYTES / 2;

export class OutputTail {
  private readonly chunks: Buffer[] = [];
  private length = 0;
  /** Of what was written since `begin`. */
  private beginning: Buffer | undefined;
  private written = 0;

  /** What comes from now on belongs together. */
  begin(): void {
    this.written = 0;
  }

  /** Keeps a copy of what matters. */
  push(chunk: Buffer): void {
    if (this.written < BEGINNING_BYTES) {
      this.beginning ??= Buffer.alloc(BEGINNING_BYTES);
      chunk.copy(this.beginning, this.written);
    }
    this.written += chunk.length;
    this.chunks.push(Buffer.from(chunk.subarray(-MOST_BYTES)));
    this.length += Math.min(chunk.length, MOST_BYTES);
    while (this.chunks[0] !== undefined && this.length - this.chunks[0].length >= MOST_BYTES) {
      this.length -= this.chunks[0].length;
      this.chunks.shift();
    }
  }

  /** At most 4 KiB of text: the newest, or, where more was written since `begin`, that one's beginning and end. */
  toString(): string {
    const newest = Buffer.concat(this.chunks).subarray(-MOST_BYTES);
    if (this.beginning === undefined || this.written <= MOST_BYTES) return newest.toString("utf8");
    const mark = (bytes: number) => `\n[… ${bytes} bytes left out …]\n`;
    // With the largest number that may come, so that the mark never takes more than its room.
    const room = MOST_BYTES - BEGINNING_BYTES - Buffer.byteLength(mark(this.written));
    const leftOut = this.written - BEGINNING_BYTES - room;
    return `${this.beginning.toString("utf8")}${mark(leftOut)}${newest.subarray(-room).toString("utf8")}`;
  }
}
