// Owns reading what the host sends, whatever stdin is: pipe, socket, file or terminal.

import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { isatty, ReadStream } from "node:tty";
import { Incoming, type IncomingEnd, incomingOf, NOT_NOW } from "#platform/streams/incoming";
import { keepPolling } from "#platform/streams/reactor";
import { Region } from "../../ffi/region.ts";

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
  const end = incomingOf(descriptor);
  if (end !== undefined) return new PipeInput(end, events);
  const stream: Readable = isatty(descriptor) ? new ReadStream(descriptor) : createReadStream("", { fd: descriptor });
  return stream
    .on("data", (chunk: Buffer) => events.chunk(chunk))
    .once("end", () => events.ended())
    .once("error", (error) => events.failed(error));
}

/** Whether it says that a socket's other end is no more, as opposed to something that is wrong here (tcp(7)). */
function isGone(error: unknown): boolean {
  return ["ECONNRESET", "ETIMEDOUT"].includes((error as NodeJS.ErrnoException).code ?? "");
}

class PipeInput implements Input {
  private readonly events: InputEvents;
  private readonly chunk = Region.ofSize(CHUNK_BYTES);
  private readonly incoming: Incoming;

  constructor(end: IncomingEnd, events: InputEvents) {
    this.events = events;
    this.incoming = new Incoming(end, this);
    this.incoming.enlarge();
    this.incoming.awaited = true;
  }

  readable(): void {
    const room = this.events.room();
    const count = room === undefined ? this.read(this.chunk) : this.read(new Region(room));
    if (count === NOT_NOW) return;
    if (count === 0) return this.destroy();
    const { events, chunk } = this;
    const isInMessage = room === undefined ? events.chunk(chunk.bytes.subarray(0, count)) : events.filled(count);
    if (isInMessage) keepPolling();
  }

  pause(): void {
    this.incoming.awaited = false;
  }

  resume(): void {
    if (this.incoming.isOpen) this.incoming.awaited = true;
  }

  destroy(): void {
    this.incoming.close();
  }

  private read(region: Region): number {
    try {
      const count = this.incoming.read(region, 0, region.bytes.length);
      if (count === 0) this.events.ended();
      return count;
    } catch (error) {
      if (isGone(error)) this.events.ended();
      else this.events.failed(error as Error);
      return 0;
    }
  }
}
