// Owns the worker's end of the channel: frames by blocking reads and writes, shared by all threads that serve calls.

import { LARGE_BYTES } from "../../protocol/raw.ts";
import type { Address } from "../native/ffi.ts";
import { IoVector, mapPrivate, NOT_NOW, read, unmap, waitForInput, write } from "../native/io.ts";
import { copyMemory } from "../native/memory.ts";
import { Region } from "../native/region.ts";
import { CALL_OFFSET, HEADER_BYTES, KIND_OFFSET } from "./frames.ts";

const READ_LOCK = 0;
const WRITE_LOCK = 1;
const FREE = 0;
const HELD = 1;

const BUFFER_BYTES = 2 * LARGE_BYTES;
/** How long memory for a large frame is kept for the next one, in milliseconds. */
const KEEP_MS = 200;

/** What a further thread needs to use the same channel; can be sent to it. */
export interface SharedChannel {
  requests: number;
  answers: number;
  locks: SharedArrayBuffer;
}

/** A frame that was read. Its payload is valid until the next one is read. */
export interface RequestFrame {
  readonly kind: number;
  readonly call: number;
  readonly payload: Address;
  readonly length: number;
}

/** Whole frames in and out; at any time one thread reads a frame and one writes a frame. */
export class Channel {
  readonly shared: SharedChannel;
  private readonly locks: Int32Array;
  /** Frames as they come; `at` and `end` are what is still to be read of it. */
  private readonly input = Region.ofSize(BUFFER_BYTES);
  private at = 0;
  private end = 0;
  private large: { address: Address; length: number } | undefined;
  private readonly header = Region.ofSize(HEADER_BYTES);
  private readonly vector = new IoVector(2);
  /** Whether no other thread waits for frames: then more than one is read at a time. To be set between two frames. */
  isAlone = false;

  constructor(shared: SharedChannel) {
    this.shared = shared;
    this.locks = new Int32Array(shared.locks);
  }

  static over(requests: number, answers: number): Channel {
    return new Channel({ requests, answers, locks: new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT) });
  }

  /** Waits for the next frame. @returns undefined once the broker has closed its end */
  read(): RequestFrame | undefined {
    this.lock(READ_LOCK);
    try {
      return this.readFrame();
    } finally {
      this.unlock(READ_LOCK);
    }
  }

  /** Writes a frame whose payload is in memory somewhere. */
  write(kind: number, call: number, payload: Address, length: number): void {
    const { bytes, address } = this.header;
    this.lock(WRITE_LOCK);
    try {
      bytes.writeUInt32LE(length, 0);
      bytes.writeUInt32LE(call, CALL_OFFSET);
      bytes.writeUInt32LE(kind, KIND_OFFSET);
      this.vector.set(0, address, HEADER_BYTES);
      this.vector.set(1, payload, length);
      const written = Math.max(0, this.vector.writeTo(this.shared.answers, 2));
      if (written < HEADER_BYTES) this.writeAll(address + written, HEADER_BYTES - written);
      const sent = Math.max(0, written - HEADER_BYTES);
      this.writeAll(payload + sent, length - sent);
    } finally {
      this.unlock(WRITE_LOCK);
    }
  }

  writeBytes(kind: number, call: number, payload: Uint8Array): void {
    const region = new Region(payload.length > 0 ? payload : Buffer.allocUnsafeSlow(1));
    this.write(kind, call, region.address, payload.length);
  }

  private writeAll(address: Address, length: number): void {
    for (let sent = 0; sent < length; ) sent += whole(write(this.shared.answers, address + sent, length - sent));
  }

  private readFrame(): RequestFrame | undefined {
    if (!this.fill(HEADER_BYTES)) return undefined;
    const { bytes, address } = this.input;
    const length = bytes.readUInt32LE(this.at);
    const call = bytes.readUInt32LE(this.at + CALL_OFFSET);
    const kind = bytes.readUInt32LE(this.at + KIND_OFFSET);
    this.at += HEADER_BYTES;
    if (length >= LARGE_BYTES) {
      const payload = this.readLarge(length);
      return payload === undefined ? undefined : { kind, call, payload, length };
    }
    if (!this.fill(length)) return undefined;
    this.at += length;
    return { kind, call, payload: address + this.at - length, length };
  }

  /** Has at least `needed` bytes in the input buffer. @returns false at the end */
  private fill(needed: number): boolean {
    if (this.at === this.end) this.at = this.end = 0;
    const { bytes, address } = this.input;
    if (this.at + needed > BUFFER_BYTES) {
      bytes.copyWithin(0, this.at, this.end);
      this.end -= this.at;
      this.at = 0;
    }
    while (this.end - this.at < needed) {
      this.giveBackWhenIdle();
      const room = this.isAlone ? BUFFER_BYTES - this.end : this.at + needed - this.end;
      const count = whole(read(this.shared.requests, address + this.end, room));
      if (count === 0) return false;
      this.end += count;
    }
    return true;
  }

  private readLarge(length: number): Address | undefined {
    if (this.large !== undefined && this.large.length < length) this.giveBack();
    this.large ??= { address: mapPrivate(length), length };
    const { address } = this.large;
    let got = Math.min(length, this.end - this.at);
    copyMemory(address, this.input.address + this.at, got);
    this.at += got;
    while (got < length) {
      const count = whole(read(this.shared.requests, address + got, length - got));
      if (count === 0) return undefined;
      got += count;
    }
    return address;
  }

  private giveBackWhenIdle(): void {
    if (this.large !== undefined && !waitForInput(this.shared.requests, KEEP_MS)) this.giveBack();
  }

  private giveBack(): void {
    if (this.large !== undefined) unmap(this.large.address, this.large.length);
    this.large = undefined;
  }

  private lock(lock: number): void {
    if (this.isAlone) return;
    while (Atomics.compareExchange(this.locks, lock, FREE, HELD) !== FREE) Atomics.wait(this.locks, lock, HELD);
  }

  private unlock(lock: number): void {
    if (this.isAlone) return;
    Atomics.store(this.locks, lock, FREE);
    Atomics.notify(this.locks, lock, 1);
  }
}

/** @throws Error where a plugin has had the channel not wait: it is of no use then, and so is the process */
function whole(count: number): number {
  if (count === NOT_NOW) throw new Error("the channel to dlrpc was made not to wait");
  return count;
}
