// Owns line framing: one JSON text per line (W2).

import { LARGE_BYTES } from "../../../protocol/raw.ts";
import { messageTooLarge } from "./frame-errors.ts";
import type { FrameEvents, FrameReader } from "./frame-reader.ts";
import { GrowingBuffer } from "./growing-buffer.ts";

const NEWLINE = 0x0a;

export class LineReader implements FrameReader {
  private readonly maxMessageBytes: number;
  private readonly events: FrameEvents;
  private readonly line = new GrowingBuffer();
  private skipping = false;

  constructor(maxMessageBytes: number, events: FrameEvents) {
    this.maxMessageBytes = maxMessageBytes;
    this.events = events;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const newline = chunk.indexOf(NEWLINE, at);
      const end = newline < 0 ? chunk.length : newline;
      this.add(chunk.subarray(at, end), newline >= 0);
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

  private add(part: Buffer, isLineEnd: boolean): void {
    if (!this.skipping && this.line.length + part.length > this.maxMessageBytes) {
      this.line.clear();
      this.skipping = true;
    }
    if (!this.skipping) {
      if (!isLineEnd) return this.line.append(part);
      const line = this.line.length === 0 && part.length < LARGE_BYTES ? part : this.append(part);
      if (!isBlankLine(line)) this.events.message(line);
    } else if (isLineEnd) {
      this.skipping = false;
      this.events.broken(messageTooLarge(this.maxMessageBytes));
    }
  }

  private append(part: Buffer): Buffer {
    this.line.append(part);
    return this.line.take();
  }
}

function isBlankLine(line: Buffer): boolean {
  for (let at = 0; at < line.length; at++) {
    const byte = line[at];
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}
