// Owns the writing end of a pipe: a stream of Node's, which is given one write at a time.

import { writeSync, writevSync } from "node:fs";
import { Socket } from "node:net";
import { Writable } from "node:stream";
import { tolerating } from "../../../base/failures.ts";
import type { Region } from "../../../ffi/region.ts";
import type { Piece, PipeWriter } from "../../both-halves/pipe-writer.ts";
import { system } from "../program/system.ts";
import { writeAll } from "./blocking-io.ts";
import { isStream, NOT_NOW } from "./incoming.ts";

/** A stream that nobody else writes to, or a descriptor of a pipe or a socket. */
export type OutgoingEnd = Writable | number;

/** A descriptor that nobody else writes to: to write to anything but a pipe or a socket blocks, but not for long. */
export function outgoingOf(descriptor: number): OutgoingEnd {
  return isStream(descriptor) ? descriptor : fileStream(descriptor);
}

export class Outgoing {
  private readonly stream: Writable;
  /** Where the system can say at once how much it takes. */
  private readonly descriptor: number | undefined;
  private readonly writer: PipeWriter;
  private isAwaited = false;
  private isOpen = true;
  /** Of the write that was begun last: how many bytes it has, and whether the system has them. */
  private begun = 0;
  private isDone = false;
  private error: Error | undefined;

  /** @param writer is told while that is `awaited` and more can be written */
  constructor(end: OutgoingEnd, writer: PipeWriter) {
    this.writer = writer;
    if (typeof end !== "number") this.stream = end;
    else {
      this.stream = new Socket({ fd: end, readable: false, writable: true }); // from now on the descriptor does not block
      if (system !== "windows") this.descriptor = end;
    }
    this.stream.on("error", (error) => this.fail(error));
    this.stream.once("close", () => this.fail(new Error("write: EPIPE")));
  }

  /** Whether its writer is to be told. */
  set awaited(wanted: boolean) {
    this.isAwaited = wanted;
  }

  /** @returns how many bytes were written, and are free again; NOT_NOW @throws Error that the stream has had */
  write({ bytes }: Region, from: number, to: number): number {
    if (this.begun > 0) return this.done();
    const count = this.now((descriptor) => writeSync(descriptor, bytes, from, to - from));
    return count ?? this.begin([bytes.subarray(from, to)]);
  }

  /** As `write`, of a list, in its order. */
  writePieces(pieces: readonly Piece[]): number {
    if (this.begun > 0) return this.done();
    const all = pieces.map(({ region, at, end }) => region.bytes.subarray(at, end));
    return this.now((descriptor) => writevSync(descriptor, all)) ?? this.begin(all);
  }

  /** @returns undefined where nothing can be written at once */
  private now(write: (descriptor: number) => number): number | undefined {
    const { descriptor } = this;
    if (descriptor === undefined || this.error !== undefined) return undefined;
    return tolerating(["EAGAIN"], () => write(descriptor));
  }

  /** Pipes hold here what they hold. */
  enlarge(): void {}

  /** Tells nobody any more. */
  rest(): void {
    this.isAwaited = false;
  }

  /** What was begun and is not done is lost: its memory may be given back right afterwards. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.rest();
    this.stream.destroy(); // what the system has taken is read all the same
  }

  private begin(pieces: readonly Buffer[]): number {
    if (this.error !== undefined) throw this.error;
    const total = pieces.reduce((all, { length }) => all + length, 0);
    this.begun = total;
    this.isDone = false;
    const [first, ...others] = pieces;
    if (others.length > 0) this.stream.cork();
    for (const [i, piece] of pieces.entries()) {
      this.stream.write(piece, i === pieces.length - 1 ? (error) => this.ended(error) : undefined);
    }
    if (others.length > 0) this.stream.uncork();
    // Mostly the system takes all of it at once.
    if (first !== undefined && this.stream.writableLength === 0 && this.error === undefined) this.isDone = true;
    return this.done();
  }

  private done(): number {
    if (this.error !== undefined) throw this.error;
    if (!this.isDone) return NOT_NOW;
    const count = this.begun;
    this.begun = 0;
    return count;
  }

  /** Told late where all was taken at once, and then of a write that is over. */
  private ended(error: Error | null | undefined): void {
    if (error) return this.fail(error);
    if (this.begun === 0 || this.isDone || this.stream.writableLength > 0) return;
    this.isDone = true;
    if (this.isAwaited) this.writer.writable();
  }

  private fail(error: Error): void {
    if (this.error !== undefined) return;
    this.error = error;
    if (this.isOpen) this.writer.failed();
  }
}

function fileStream(descriptor: number): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        writeAll(descriptor, chunk);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
