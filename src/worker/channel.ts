// Owns the worker's end of the channel: frames by blocking reads and writes, shared by all threads that serve calls.

import { readSync, writeSync } from "node:fs";
import { type Frame, HEADER_BYTES, readHeader, writeHeader } from "./frames.ts";

const READ_LOCK = 0;
const WRITE_LOCK = 1;
const FREE = 0;
const HELD = 1;

/** What a further thread needs to use the same channel; can be sent to it. */
export interface SharedChannel {
  descriptor: number;
  locks: SharedArrayBuffer;
}

/** Whole frames in and out of one descriptor; at any time one thread reads a frame and one writes a frame. */
export class Channel {
  readonly shared: SharedChannel;
  private readonly locks: Int32Array;

  constructor(shared: SharedChannel) {
    this.shared = shared;
    this.locks = new Int32Array(shared.locks);
  }

  static over(descriptor: number): Channel {
    return new Channel({ descriptor, locks: new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT) });
  }

  /** Waits for the next frame. @returns undefined once the broker has closed its end */
  read(): Frame | undefined {
    return this.locked(READ_LOCK, () => {
      const header = this.readExactly(HEADER_BYTES);
      if (header === undefined) return undefined;
      const { kind, call, length } = readHeader(header);
      const payload = this.readExactly(length);
      return payload && { kind, call, payload };
    });
  }

  write(kind: number, call: number, payload: Uint8Array): void {
    this.writeAround(kind, call, Buffer.concat([Buffer.alloc(HEADER_BYTES), payload]));
  }

  /** As `write`, for a payload that has HEADER_BYTES of room in front of it: saves a copy. */
  writeAround(kind: number, call: number, frame: Buffer): void {
    writeHeader(frame, kind, call, frame.length - HEADER_BYTES);
    this.locked(WRITE_LOCK, () => {
      for (let sent = 0; sent < frame.length; ) sent += writeSync(this.shared.descriptor, frame, sent);
    });
  }

  private readExactly(length: number): Buffer | undefined {
    const bytes = Buffer.allocUnsafe(length);
    for (let got = 0; got < length; ) {
      const count = readSync(this.shared.descriptor, bytes, got, length - got, null);
      if (count === 0) return undefined;
      got += count;
    }
    return bytes;
  }

  private locked<T>(lock: number, action: () => T): T {
    while (Atomics.compareExchange(this.locks, lock, FREE, HELD) !== FREE) Atomics.wait(this.locks, lock, HELD);
    try {
      return action();
    } finally {
      Atomics.store(this.locks, lock, FREE);
      Atomics.notify(this.locks, lock, 1);
    }
  }
}
