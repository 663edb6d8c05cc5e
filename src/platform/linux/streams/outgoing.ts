// Owns the writing end of a pipe: written without blocking, from where the bytes are.

import { closeSync, fstatSync } from "node:fs";
import type { Region } from "../../../ffi/region.ts";
import type { Piece, PipeWriter } from "../../both-halves/pipe-writer.ts";
import { makeNonBlocking } from "../kernel/descriptors.ts";
import { enlargePipe, IoVector, MOST_PIECES, write } from "../kernel/io.ts";
import { Watch, type Watcher } from "./reactor.ts";

/** A descriptor that does not block, or not for long. */
export type OutgoingEnd = number;

/** A descriptor that nobody else writes to: to write to anything but a pipe or a socket blocks, but not for long. */
export function outgoingOf(descriptor: number): OutgoingEnd {
  const stat = fstatSync(descriptor);
  if (stat.isFIFO() || stat.isSocket()) {
    makeNonBlocking(descriptor);
    enlargePipe(descriptor);
  }
  return descriptor;
}

export class Outgoing implements Watcher {
  private readonly descriptor: number;
  private readonly writer: PipeWriter;
  private readonly vector = new IoVector();
  private watch: Watch | undefined;
  private isOpen = true;

  /** @param writer is told while that is `awaited` and more can be written */
  constructor(end: OutgoingEnd, writer: PipeWriter) {
    this.descriptor = end;
    this.writer = writer;
  }

  /** Whether its writer is to be told. */
  set awaited(wanted: boolean) {
    if (wanted) this.watch ??= new Watch(this.descriptor, this);
    if (this.watch !== undefined) this.watch.writable = wanted;
  }

  /** @returns how many bytes were written, and are free again; NOT_NOW @throws Error write(2), such as EPIPE */
  write({ address }: Region, from: number, to: number): number {
    return write(this.descriptor, address + from, to - from);
  }

  /** As `write`, of the first pieces of a list, in their order. */
  writePieces(pieces: readonly Piece[]): number {
    const count = Math.min(pieces.length, MOST_PIECES);
    for (let i = 0; i < count; i++) {
      const { region, at, end } = pieces[i] as Piece;
      this.vector.set(i, region.address + at, end - at);
    }
    return this.vector.writeTo(this.descriptor, count);
  }

  /** Lets the pipe hold more, where the system does so. */
  enlarge(): void {
    enlargePipe(this.descriptor);
  }

  /** Tells nobody any more. */
  rest(): void {
    this.watch?.close();
    this.watch = undefined;
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.rest();
    closeSync(this.descriptor);
  }

  readable(): void {}

  writable(): void {
    this.writer.writable();
  }
}
