// Owns one captured output stream of a worker: always drained, and read up to date before an answer is passed on, so
// that what a call printed comes before its answer and is not taken for the next one's.

import { closeSync } from "node:fs";
import { letPromisesRun, Watch, type Watcher } from "#carrier/reactor";
import { makeNonBlocking } from "../carrier/linux/descriptors.ts";
import { NOT_NOW, pipe, read } from "../carrier/linux/io.ts";
import { Disposables } from "../disposables.ts";
import { Region } from "../native/region.ts";

/** A thread of the plugin that prints without end must not keep others waiting. */
const MOST_CHUNKS = 16;

/** All streams are read into the same memory: what is told of is dealt with at once. */
const chunk = Region.ofSize(64 * 1024);

export class OutputPipe implements Watcher {
  /** Resolves when nobody can write to it any more. */
  readonly closed: Promise<void>;
  /** The descriptor to start a process with. */
  readonly writingEnd: number;
  private readonly readingEnd: number;
  private readonly watch: Watch;
  private readonly onData: (bytes: Buffer) => void;
  private resolveClosed: () => void = () => {};
  private isOpen = true;
  private isHandedOver = false;

  /** @param onData is given bytes that are valid until it returns */
  constructor(onData: (bytes: Buffer) => void) {
    using begun = new Disposables();
    const { readingEnd, writingEnd } = pipe();
    for (const end of [readingEnd, writingEnd]) begun.defer(() => closeSync(end));
    makeNonBlocking(readingEnd);
    this.readingEnd = readingEnd;
    this.writingEnd = writingEnd;
    this.onData = onData;
    this.watch = new Watch(readingEnd, this);
    this.watch.readable = true;
    begun.move();
    this.closed = new Promise((resolve) => {
      this.resolveClosed = resolve;
    });
  }

  /** To be called once the process has been started: its end is its own. */
  handedOver(): void {
    if (this.isHandedOver) return;
    this.isHandedOver = true;
    closeSync(this.writingEnd);
  }

  readable(): void {
    this.readNow();
  }

  writable(): void {}

  /** Passes on what has been written so far, without waiting for more. */
  readNow(): void {
    for (let chunks = 0; chunks < MOST_CHUNKS && this.isOpen; chunks++) {
      const count = read(this.readingEnd, chunk.address, chunk.bytes.length);
      if (count === NOT_NOW) return;
      if (count === 0) return this.destroy();
      this.onData(chunk.bytes.subarray(0, count));
    }
  }

  destroy(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.handedOver();
    this.watch.close();
    closeSync(this.readingEnd);
    this.resolveClosed();
    letPromisesRun();
  }
}
