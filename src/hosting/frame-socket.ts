// Owns the broker's end of the channel to a worker: frames over a socket of the event loop.

import type { Socket } from "node:net";
import { type Frame, HEADER_BYTES, writeHeader } from "../worker/frames.ts";
import { FrameAssembler, FrameViolation } from "./frame-assembler.ts";

export interface FrameSocketEvents {
  frame(frame: Frame): void;
  /** It sent what no worker sends; nothing of it is heard any more. */
  violation(what: string): void;
  /** The other end is closed. */
  end(): void;
}

export class FrameSocket {
  private readonly socket: Socket;

  constructor(socket: Socket, maxPayloadBytes: number, events: FrameSocketEvents) {
    this.socket = socket;
    const assembler = new FrameAssembler(maxPayloadBytes, events.frame);
    const onData = (chunk: Buffer): void => {
      try {
        assembler.push(chunk);
      } catch (error) {
        if (!(error instanceof FrameViolation)) throw error;
        socket.off("data", onData).resume(); // drained, so that the end is seen
        events.violation(error.message);
      }
    };
    socket.on("data", onData);
    socket.on("end", events.end);
    socket.on("error", () => {}); // whoever was at the other end has ended, and its owner hears of that
  }

  send(kind: number, call: number, payload: Uint8Array): void {
    const header = Buffer.allocUnsafe(HEADER_BYTES);
    writeHeader(header, kind, call, payload.length);
    this.socket.cork();
    this.socket.write(header);
    this.socket.write(payload);
    this.socket.uncork();
  }

  /** Tells the worker that no more frames come. */
  close(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }
}
