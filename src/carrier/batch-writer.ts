// Owns writing to a descriptor without waiting for its reader: small pieces are gathered and leave together, large ones
// are written from where they are, and what the reader is too slow for waits here.

import { beforeWaiting, Watch, type Watcher } from "#carrier/reactor";
import { LARGE_BYTES } from "../../protocol/raw.ts";
import { free } from "../native/large-memory.ts";
import { Region } from "../native/region.ts";
import { NOT_NOW, WriteList, write } from "./linux/io.ts";

export interface WriterEvents {
  /** The reader had been behind and has caught up. */
  drained(): void;
  /** Nothing can be written any more, and what waits is lost: most likely nobody reads. */
  failed(): void;
}

export class BatchWriter implements Watcher {
  private readonly descriptor: number;
  private readonly events: WriterEvents;
  private readonly batchBytes: number;
  private batch: Region | undefined;
  /** Of the batch: up to where it is filled, and up to where that is in `waiting` already. */
  private filled = 0;
  private gathered = 0;
  private readonly waiting = new WriteList();
  private watch: Watch | undefined;
  private behind = false;
  private isOpen = true;
  private readonly writeSoon = (): void => this.writeNow();

  /**
   * @param descriptor one that does not block, or not for long
   * @param batchBytes how much is gathered at most
   */
  constructor(descriptor: number, batchBytes: number, events: WriterEvents) {
    this.descriptor = descriptor;
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
    if (text.length < LARGE_BYTES) this.filled += this.memory.write(text, this.filled, "latin1");
    else this.bytes(Buffer.from(text, "latin1"));
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
      this.close();
      return this.events.failed(); // EPIPE and the like
    }
    this.filled = 0;
    this.gathered = 0;
    if (!this.behind) return;
    this.behind = false;
    if (this.watch !== undefined) this.watch.writable = false;
    this.events.drained();
  }

  readable(): void {}

  writable(): void {
    this.writeNow();
  }

  /** Writes no more. To be called before the descriptor is closed. */
  close(): void {
    this.isOpen = false;
    this.watch?.close();
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
      const count = write(this.descriptor, this.batch.address, this.filled);
      if (count === this.filled) return true;
      this.gathered = Math.max(count, 0);
    }
    this.gather();
    return this.waiting.writeTo(this.descriptor) !== NOT_NOW;
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
    this.watch ??= new Watch(this.descriptor, this);
    this.watch.writable = true;
  }
}
