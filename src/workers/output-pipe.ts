// Owns one captured output stream of a worker: always drained, and read up to date before an answer is passed on, so
// that what a call printed comes before its answer and is not taken for the next one's.

import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { connectedPair, receiveNow } from "../native/descriptors.ts";

const CHUNK_BYTES = 64 * 1024;
/** A thread of the plugin that prints without end must not keep the answer. */
const MOST_CHUNKS = 16;

export class OutputPipe {
  /** Resolves when nobody can write to it any more. */
  readonly closed: Promise<void>;
  private readonly ourEnd: number;
  private readonly theirEnd: number;
  private readonly socket: Socket;
  private readonly onData: (chunk: Buffer) => void;

  constructor(onData: (chunk: Buffer) => void) {
    [this.ourEnd, this.theirEnd] = connectedPair();
    this.onData = onData;
    this.socket = new Socket({ fd: this.ourEnd, readable: true, writable: false });
    this.socket.on("data", onData);
    this.socket.on("error", () => {}); // whoever was at the other end has ended, and `close` follows
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve()));
  }

  /** The descriptor to start a process with. */
  get writingEnd(): number {
    return this.theirEnd;
  }

  /** To be called once the process has been started: its end is its own. */
  handedOver(): void {
    closeSync(this.theirEnd);
  }

  /** Passes on what has been written so far, without waiting for more. */
  readNow(): void {
    if (this.socket.destroyed) return;
    for (let chunks = 0; chunks < MOST_CHUNKS; chunks++) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const count = receiveNow(this.ourEnd, chunk);
      if (count <= 0) return;
      this.onData(chunk.subarray(0, count));
    }
  }

  destroy(): void {
    this.socket.destroy();
  }
}
