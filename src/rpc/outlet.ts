// Owns the way out: the one writer of the protocol's stream (invariant 1), with back-pressure (W7).

import type { Writable } from "node:stream";
import { openForWriting } from "./streams.ts";

export interface OutletEvents {
  /** The reader has caught up. */
  drained(): void;
  /** Nobody reads any more. */
  closed(): void;
}

export class Outlet {
  private readonly stream: Writable;
  private corked = false;

  /** @param descriptor a descriptor that nobody else writes to */
  constructor(descriptor: number, events: OutletEvents) {
    this.stream = openForWriting(descriptor);
    this.stream.on("drain", events.drained);
    this.stream.once("error", events.closed); // EPIPE and the like: whatever it is, no answer gets out any more
  }

  /** Whether the reader is behind: whoever can stop producing should. */
  get isFull(): boolean {
    return this.stream.writableNeedDrain;
  }

  /** How much has been written and not been handed to the system. */
  get waitingBytes(): number {
    return this.stream.writableLength;
  }

  /** Writes bytes in one piece; what is written within one turn of the event loop leaves together. */
  write(bytes: Uint8Array): void {
    if (!this.corked) {
      this.corked = true;
      this.stream.cork();
      process.nextTick(() => {
        this.corked = false;
        this.stream.uncork();
      });
    }
    this.stream.write(bytes);
  }

  /** Resolves when everything has been handed to the system (L5). */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.stream.end(() => resolve());
      this.stream.once("close", () => resolve());
    });
  }
}
