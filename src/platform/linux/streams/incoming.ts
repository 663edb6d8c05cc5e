// Owns the reading end of a pipe: read without blocking, into memory that is known by its address.

import { closeSync, fstatSync } from "node:fs";
import type { Region } from "../../../ffi/region.ts";
import { makeNonBlocking } from "../kernel/descriptors.ts";
import { enlargePipe, read } from "../kernel/io.ts";
import { Watch, type Watcher } from "./reactor.ts";

export { NOT_NOW } from "../kernel/io.ts";

/** A descriptor that does not block. */
export type IncomingEnd = number;

/** @returns undefined where it is open on something else than a pipe or a socket */
export function incomingOf(descriptor: number): IncomingEnd | undefined {
  const stat = fstatSync(descriptor);
  if (!stat.isFIFO() && !stat.isSocket()) return undefined;
  makeNonBlocking(descriptor);
  return descriptor;
}

export interface Reader {
  readable(): void;
  /** Whether what arrives is to be told when all else has been read that had arrived before it: here one can look. */
  comesLast?(): boolean;
}

export class Incoming implements Watcher {
  private readonly descriptor: number;
  private readonly watch: Watch;
  private readonly reader: Reader;

  /** @param reader is told while it is `awaited` and there is something to read, or the end */
  constructor(end: IncomingEnd, reader: Reader) {
    this.descriptor = end;
    this.reader = reader;
    this.watch = new Watch(end, this);
  }

  get isOpen(): boolean {
    return this.watch.isOpen;
  }

  /** Whether its reader is to be told. */
  set awaited(wanted: boolean) {
    this.watch.readable = wanted;
  }

  /** @returns how many bytes were read to `region` from `at` on, 0 at the end, NOT_NOW @throws CallError read(2) */
  read({ address }: Region, at: number, length: number): number {
    return read(this.descriptor, address + at, length);
  }

  /** Lets the pipe hold more, where the system does so. */
  enlarge(): void {
    enlargePipe(this.descriptor);
  }

  close(): void {
    if (!this.isOpen) return;
    this.watch.close();
    closeSync(this.descriptor);
  }

  readable(): void {
    this.reader.readable();
  }

  writable(): void {}
}
