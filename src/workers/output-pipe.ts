// Owns one captured output stream of a worker: always drained, and read up to date before an answer is passed on, so
// that what a call printed comes before its answer and is not taken for the next one's.

import { Incoming, type IncomingEnd, NOT_NOW } from "#platform/streams/incoming";
import { Region } from "../ffi/region.ts";
import { Deferred } from "../platform/both-halves/promises.ts";

/** A thread of the plugin that prints without end must not keep others waiting. */
const MOST_CHUNKS = 16;

/** All streams are read into the same memory: what is told of is dealt with at once. */
const chunk = Region.ofSize(64 * 1024);

export class OutputPipe {
  private readonly incoming: Incoming;
  private readonly onData: (bytes: Buffer) => void;
  private readonly ended = new Deferred();

  /** @param onData is given bytes that are valid until it returns */
  constructor(end: IncomingEnd, onData: (bytes: Buffer) => void) {
    this.onData = onData;
    this.incoming = new Incoming(end, this);
    this.incoming.awaited = true;
  }

  /** Resolves when nobody can write to it any more. */
  get closed(): Promise<void> {
    return this.ended.promise;
  }

  readable(): void {
    this.readNow();
  }

  /** Passes on what has been written so far, without waiting for more. */
  readNow(): void {
    for (let chunks = 0; chunks < MOST_CHUNKS && this.incoming.isOpen; chunks++) {
      const count = this.incoming.read(chunk, 0, chunk.bytes.length);
      if (count === NOT_NOW) return;
      if (count === 0) return this.destroy();
      this.onData(chunk.bytes.subarray(0, count));
    }
  }

  destroy(): void {
    if (!this.incoming.isOpen) return;
    this.incoming.close();
    this.ended.resolve();
  }
}
