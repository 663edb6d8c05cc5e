// Owns line framing: one JSON text per line (W2).

import { LARGE_BYTES } from "../../../protocol/raw.ts";
import { type FrameReader, messageTooLarge, ReaderBase } from "./frame-reader.ts";
import { GrowingBuffer } from "./growing-buffer.ts";

const NEWLINE = 0x0a;

export class LineReader extends ReaderBase implements FrameReader {
  private readonly line = new GrowingBuffer();
  private skipping = false;

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const newline = chunk.indexOf(NEWLINE, at);
      const end = newline < 0 ? chunk.length : newline;
      if (newline >= 0 && this.isWhole(end - at)) this.tell(chunk, at, end);
      else this.add(chunk.subarray(at, end), newline >= 0);
      at = end + 1;
    }
  }

  get isInMessage(): boolean {
    return this.line.length > 0;
  }

  /** How long a line will be nobody knows. */
  room(): undefined {}

  filled(): void {}

  /** The last line need not be ended. */
  end(): void {
    this.add(Buffer.alloc(0), true);
  }

  /** Whether a line that ends in the chunk can be read where it is. */
  private isWhole(length: number): boolean {
    return !this.skipping && this.line.length === 0 && length < LARGE_BYTES && length <= this.maxMessageBytes;
  }

  private tell(bytes: Buffer, from: number, to: number): void {
    if (!isBlankLine(bytes, from, to)) this.events.message(bytes, from, to);
  }

  private add(part: Buffer, isLineEnd: boolean): void {
    if (!this.skipping && this.line.length + part.length > this.maxMessageBytes) {
      this.line.clear();
      this.skipping = true;
    }
    if (!this.skipping) {
      if (!isLineEnd) return this.line.append(part);
      this.line.append(part);
      const line = this.line.take();
      this.tell(line, 0, line.length);
    } else if (isLineEnd) {
      this.skipping = false;
      this.events.broken(messageTooLarge(this.maxMessageBytes));
    }
  }
}

function isBlankLine(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}
