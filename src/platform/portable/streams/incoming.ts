// Owns the reading end of a pipe: a stream of Node's, of which what has arrived waits until it is read.

import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { Region } from "../../../ffi/region.ts";
import { isPipe } from "../../windows/protocol-streams.ts";
import { system } from "../program/system.ts";
import { close } from "./reactor.ts";

/** What `read` answers where there is nothing now. */
export const NOT_NOW = -1;

/** A stream of bytes that nobody else reads, or a descriptor of a pipe or a socket. */
export type IncomingEnd = Readable | number;

/** @returns undefined where it is open on something else than a pipe or a socket */
export function incomingOf(descriptor: number): IncomingEnd | undefined {
  return isStream(descriptor) ? descriptor : undefined;
}

/** Whether it is open on a pipe or a socket. */
export function isStream(descriptor: number): boolean {
  if (system === "windows") return isPipe(descriptor);
  const stat = fstatSync(descriptor);
  return stat.isFIFO() || stat.isSocket();
}

export interface Reader {
  readable(): void;
  /** Whether what arrives is told when all else has been read that had arrived before it. */
  comesLast?(): boolean;
}

/** All descriptors are read into the same memory: what is told of is dealt with at once. */
const chunk = Buffer.allocUnsafeSlow(256 * 1024);

/** So many that nobody has read yet hold up the stream: a writer that is faster than the reader waits. */
const MOST_CHUNKS = 16;

export class Incoming {
  isOpen = true;
  private readonly stream: Readable;
  private readonly reader: Reader;
  private chunks: Buffer[] = [];
  /** How much of the first chunk is read. */
  private taken = 0;
  private hasEnded = false;
  private error: Error | undefined;
  private isAwaited = false;
  private isTold = false;

  /** @param reader is told while it is `awaited` and there is something to read, or the end */
  constructor(end: IncomingEnd, reader: Reader) {
    this.reader = reader;
    this.stream = typeof end === "number" ? this.streamOf(end) : end;
    this.stream.on("data", (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.arrived();
    });
    this.stream.once("end", () => this.end());
    this.stream.on("error", (error) => {
      this.error = error;
      this.end();
    });
    this.stream.once("close", () => this.end());
    this.stream.pause();
  }

  /** Of what is not read at once a copy is kept. */
  private streamOf(fd: number): Readable {
    const callback = (length: number) => {
      this.chunks.push(chunk.subarray(0, length));
      this.arrived();
      const last = this.chunks.length - 1;
      if (last >= 0) this.chunks[last] = Buffer.from(this.chunks[last] as Buffer);
      return this.isAwaited;
    };
    return new Socket({ fd, readable: true, writable: false, onread: { buffer: chunk, callback } });
  }

  /** Whether its reader is to be told. */
  set awaited(wanted: boolean) {
    if (wanted === this.isAwaited || !this.isOpen) return;
    this.isAwaited = wanted;
    if (!wanted) this.stream.pause();
    else {
      this.stream.resume();
      if (this.hasSomething) this.tellSoon();
    }
  }

  /** @returns how many bytes were read to `region` from `at` on, 0 at the end, NOT_NOW @throws Error as the stream has it */
  read({ bytes }: Region, at: number, length: number): number {
    let count = 0;
    for (let [first] = this.chunks; first !== undefined && count < length; [first] = this.chunks) {
      const copied = first.copy(bytes, at + count, this.taken, this.taken + length - count);
      count += copied;
      this.taken += copied;
      if (this.taken === first.length) {
        this.chunks.shift();
        this.taken = 0;
      }
    }
    if (this.chunks.length === 0 && this.isAwaited && this.stream.isPaused()) this.stream.resume();
    if (count > 0) return count;
    if (this.error !== undefined) throw this.error;
    return this.hasEnded ? 0 : NOT_NOW;
  }

  /** Pipes hold here what they hold. */
  enlarge(): void {}

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.isAwaited = false;
    this.chunks = [];
    this.stream.destroy();
  }

  private get hasSomething(): boolean {
    return this.chunks.length > 0 || this.hasEnded;
  }

  private end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.arrived();
  }

  private arrived(): void {
    // Two turns of the loop read all streams of which it had known by the first of them.
    if (this.reader.comesLast?.() === true) this.tellSoon(() => this.tellSoon());
    else if (!this.isTold) this.tell();
    if (this.chunks.length >= MOST_CHUNKS) this.stream.pause();
  }

  private tell(): void {
    if (!this.isAwaited || !this.hasSomething) return;
    this.reader.readable();
    close();
    if (this.isAwaited && this.hasSomething) this.tellSoon(); // others have their turn
  }

  private tellSoon(then = (): void => this.tell()): void {
    if (this.isTold) return;
    this.isTold = true;
    setImmediate(() => {
      this.isTold = false;
      then();
    });
  }
}
