// Writing to a pipe without waiting for its reader: small pieces are gathered and leave together, large ones
// are written from where they are, and what the reader is too slow for waits here.

import { Outgoing, type OutgoingEnd } from "#platform/streams/outgoing";
import { beforeWaiting } from "#platform/streams/reactor";
import { LARGE_BYTES } from "../../../protocol/raw.ts";
import { free } from "../../ffi/large-memory.ts";
import { Region } from "../../ffi/region.ts";
import type { PipeWriter } from "./pipe-writer.ts";
import { WriteList } from "./write-list.ts";

/** Of a longer text Node's own code is quicker, which takes as long as fifty letters to be called. */
const MOST_LETTERS = 64;
const ZERO = 0x30;

export interface WriterEvents {
  /** The reader had been behind and has caught up. */
  drained(): void;
  /** Nothing can be written any more, and what waits is lost: most likely nobody reads. */
  failed(): void;
}

export class BatchWriter implements PipeWriter {
  private readonly outgoing: Outgoing;
  private readonly events: WriterEvents;
  private readonly batchBytes: number;
  private batch: Region | undefined;
  /** Of the batch: up to where it is filled, and up to where that is in `waiting` already. */
  private filled = 0;
  private gathered = 0;
  private readonly waiting = new WriteList();
  private behind = false;
  private isOpen = true;
  private readonly writeSoon = (): void => this.writeNow();

  /** @param batchBytes how much is gathered at most */
  constructor(end: OutgoingEnd, batchBytes: number, events: WriterEvents) {
    this.outgoing = new Outgoing(end, this);
    this.batchBytes = batchBytes;
    this.events = events;
  }

  /** Whether the reader is behind: whoever can stop producing should. */
  get isBehind(): boolean {
    return this.behind;
  }

  /** How much has been given and not been handed to the system. */
  get waitingBytes(): number {
    return this.waiting.bytes + this.filled - this.gathered;
  }

  /**
   * To be called before the pieces of what is to leave together.
   * @param bytes how many bytes its small pieces have, the larger of LARGE_BYTES not counted
   */
  reserve(bytes: number): void {
    if (this.waitingBytes === 0) beforeWaiting(this.writeSoon);
    if (this.filled + bytes <= this.batchBytes) return;
    if (!this.behind) this.writeNow();
    if (this.filled > 0) this.renewBatch();
  }

  /**
   * Appends bytes: copied where they are few, else kept.
   * @param isOurs whether nobody else needs them, so that the memory of many is given back when they are written
   */
  bytes(bytes: Uint8Array, isOurs = false): void {
    if (bytes.length < LARGE_BYTES) {
      this.memory.set(bytes, this.filled);
      this.filled += bytes.length;
    } else {
      this.gather();
      this.waiting.add(new Region(bytes), 0, bytes.length, isOurs);
    }
  }

  /** Appends text, a byte per letter (Latin-1). */
  text(text: string): void {
    if (text.length >= LARGE_BYTES) return this.bytes(Buffer.from(text, "latin1"));
    const { memory } = this;
    if (text.length > MOST_LETTERS) {
      this.filled += memory.write(text, this.filled, "latin1");
    } else {
      for (let i = 0; i < text.length; i++) memory[this.filled + i] = text.charCodeAt(i);
      this.filled += text.length;
    }
  }

  /** Appends a whole number in decimal digits. */
  digits(value: number): void {
    let length = 1;
    for (let power = 10; power <= value; power *= 10) length++;
    this.filled += length;
    for (let at = this.filled - 1, left = value; length > 0; length--, at--) {
      const rest = Math.floor(left / 10);
      this.memory[at] = ZERO + left - rest * 10;
      left = rest;
    }
  }

  /** Appends a number of 32 bits, little-endian. */
  number(value: number): void {
    this.filled = this.memory.writeUInt32LE(value, this.filled);
  }

  /** Writes what can be written now; it happens by itself before anything is waited for. */
  writeNow(): void {
    if (!this.isOpen) return;
    try {
      if (!this.writeAll()) return this.fallBehind();
    } catch {
      return this.failed(); // EPIPE and the like
    }
    this.filled = 0;
    this.gathered = 0;
    if (!this.behind) return;
    this.behind = false;
    this.outgoing.awaited = false;
    this.events.drained();
  }

  writable(): void {
    this.writeNow();
  }

  failed(): void {
    if (!this.isOpen) return;
    this.end();
    this.events.failed();
  }

  /** Lets the pipe hold more, where the system does so. */
  enlarge(): void {
    this.outgoing.enlarge();
  }

  /** Writes no more, and closes its end. */
  close(): void {
    this.outgoing.close(); // first, as its memory goes
    this.end();
  }

  private end(): void {
    this.isOpen = false;
    this.outgoing.rest();
    this.waiting.clear();
    this.filled = 0;
    this.gathered = 0;
    if (this.batch !== undefined) free(this.batch.bytes); // processes come and go, and the collector comes late
    this.batch = undefined;
  }

  /** @returns whether nothing is left */
  private writeAll(): boolean {
    if (this.waitingBytes === 0) return true;
    if (this.waiting.bytes === 0 && this.batch !== undefined) {
      // As nearly always: all that waits is the batch.
      const count = this.outgoing.write(this.batch, 0, this.filled);
      if (count === this.filled) return true;
      this.gathered = Math.max(count, 0);
    }
    this.gather();
    return this.waiting.writeTo(this.outgoing);
  }

  private get memory(): Buffer {
    this.batch ??= Region.ofSize(this.batchBytes);
    return this.batch.bytes;
  }

  private gather(): void {
    if (this.batch !== undefined && this.filled > this.gathered) {
      this.waiting.add(this.batch, this.gathered, this.filled, false);
    }
    this.gathered = this.filled;
  }

  private renewBatch(): void {
    this.gather();
    this.batch = undefined;
    this.filled = 0;
    this.gathered = 0;
  }

  private fallBehind(): void {
    if (this.behind) return;
    this.behind = true;
    this.outgoing.awaited = true;
  }
}
