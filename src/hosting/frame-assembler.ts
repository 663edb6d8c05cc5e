// Owns making frames of the chunks that arrive from a worker. A worker is not trusted: a plugin can write here itself.

import { type Frame, HEADER_BYTES, readHeader } from "../worker/frames.ts";

/** What no worker sends. */
export class FrameViolation extends Error {}

export class FrameAssembler {
  private readonly maxPayloadBytes: number;
  private readonly onFrame: (frame: Frame) => void;
  private readonly header = Buffer.alloc(HEADER_BYTES);
  private headerBytes = 0;
  private payload: Buffer | undefined;
  private payloadBytes = 0;

  constructor(maxPayloadBytes: number, onFrame: (frame: Frame) => void) {
    this.maxPayloadBytes = maxPayloadBytes;
    this.onFrame = onFrame;
  }

  /** @throws FrameViolation when a payload is announced that is too large */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length || this.payload?.length === 0; ) {
      if (this.payload === undefined) at = this.takeHeader(chunk, at);
      else at = this.takePayload(this.payload, chunk, at);
    }
  }

  private takeHeader(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.header, this.headerBytes, at);
    this.headerBytes += taken;
    if (this.headerBytes === HEADER_BYTES) {
      const { length } = readHeader(this.header);
      if (length > this.maxPayloadBytes) {
        throw new FrameViolation(`a frame of ${length} bytes, at most ${this.maxPayloadBytes} are taken`);
      }
      this.payload = Buffer.allocUnsafe(length);
      this.payloadBytes = 0;
    }
    return at + taken;
  }

  private takePayload(payload: Buffer, chunk: Buffer, at: number): number {
    const taken = chunk.copy(payload, this.payloadBytes, at);
    this.payloadBytes += taken;
    if (this.payloadBytes === payload.length) {
      const { kind, call } = readHeader(this.header);
      this.headerBytes = 0;
      this.payload = undefined;
      this.onFrame({ kind, call, payload });
    }
    return at + taken;
  }
}
