// Owns reading what the host sends, whatever stdin is: pipe, socket, file or terminal.

import { closeSync, createReadStream, fstatSync } from "node:fs";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { isatty, ReadStream } from "node:tty";
import { expectMore, Watch, type Watcher } from "#carrier/reactor";
import { makeNonBlocking } from "../carrier/linux/descriptors.ts";
import { enlargePipe, NOT_NOW, read } from "../carrier/linux/io.ts";
import { CallError } from "../native/libc.ts";
import { Region } from "../native/region.ts";

const CHUNK_BYTES = 64 * 1024;

export interface InputEvents {
  /** What has arrived; valid until this returns. @returns whether it ended inside a message */
  chunk(bytes: Buffer): boolean;
  /** Where to read to instead, if anywhere. */
  room(): Buffer | undefined;
  /** So much was read there. @returns as `chunk` */
  filled(bytes: number): boolean;
  /** Nothing more comes. */
  ended(): void;
  /** Reading failed; nothing more comes. */
  failed(error: Error): void;
}

/** A stream of chunks that can be held up. */
export interface Input {
  pause(): unknown;
  resume(): unknown;
  destroy(): unknown;
}

export function openInput(descriptor: number, events: InputEvents): Input {
  const stat = fstatSync(descriptor);
  if (stat.isFIFO() || stat.isSocket()) return new PipeInput(descriptor, events);
  const stream: Readable = isatty(descriptor) ? new ReadStream(descriptor) : createReadStream("", { fd: descriptor });
  return stream
    .on("data", (chunk: Buffer) => events.chunk(chunk))
    .once("end", () => events.ended())
    .once("error", (error) => events.failed(error));
}

/** Whether it says that a socket's other end is no more, as opposed to something that is wrong here (tcp(7)). */
function isGone(error: unknown): boolean {
  return error instanceof CallError && [constants.errno.ECONNRESET, constants.errno.ETIMEDOUT].includes(error.errno);
}

class PipeInput implements Input, Watcher {
  private readonly descriptor: number;
  private readonly events: InputEvents;
  private readonly chunk = Region.ofSize(CHUNK_BYTES);
  private readonly watch: Watch;

  constructor(descriptor: number, events: InputEvents) {
    makeNonBlocking(descriptor);
    enlargePipe(descriptor);
    this.descriptor = descriptor;
    this.events = events;
    this.watch = new Watch(descriptor, this);
    this.watch.readable = true;
  }

  readable(): void {
    const room = this.events.room();
    const count = room === undefined ? this.read(this.chunk) : this.read(new Region(room));
    if (count === NOT_NOW) return;
    if (count === 0) return this.destroy();
    const { events, chunk } = this;
    const isInMessage = room === undefined ? events.chunk(chunk.bytes.subarray(0, count)) : events.filled(count);
    if (isInMessage) expectMore();
  }

  writable(): void {}

  pause(): void {
    this.watch.readable = false;
  }

  resume(): void {
    if (this.watch.isOpen) this.watch.readable = true;
  }

  destroy(): void {
    if (!this.watch.isOpen) return;
    this.watch.close();
    closeSync(this.descriptor);
  }

  private read({ address, bytes }: Region): number {
    try {
      const count = read(this.descriptor, address, bytes.length);
      if (count === 0) this.events.ended();
      return count;
    } catch (error) {
      if (isGone(error)) this.events.ended();
      else this.events.failed(error as Error);
      return 0;
    }
  }
}
