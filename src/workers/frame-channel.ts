// Owns the broker's end of the channel to a worker: frames over two pipes. It never waits for the worker,
// and believes nothing: a plugin can write here itself.

import { Incoming, type IncomingEnd, NOT_NOW } from "#platform/streams/incoming";
import type { OutgoingEnd } from "#platform/streams/outgoing";
import { keepPolling } from "#platform/streams/reactor";
import type { SharedBuffer } from "#platform/streams/shared-buffer";
import { CALL_OFFSET, FrameKind, HEADER_BYTES, KIND_OFFSET } from "../../native/frames/frames.ts";
import { LARGE_BYTES } from "../../protocol/raw.ts";
import { allocate, free } from "../ffi/large-memory.ts";
import { Region } from "../ffi/region.ts";
import { BatchWriter } from "../platform/both-halves/batch-writer.ts";
import { Deferred } from "../platform/both-halves/promises.ts";
import type { BegunFrame, FrameBudget } from "./frame-budget.ts";

export interface FrameEvents {
  /** Frames have arrived and are about to be told. */
  arrived(): void;
  /** @param payload valid until this returns, or for good where it is large (`LARGE_BYTES`) */
  frame(kind: number, call: number, payload: Buffer): void;
  /** It sent what no worker sends; nothing of it is heard any more. */
  violation(what: string): void;
  /** The other end is closed. */
  ended(): void;
  /** Whether it matters what was printed before a frame. */
  hearsOutput(): boolean;
}

/** What a worker sends; anything else means that a plugin wrote here, in the middle of a frame perhaps. */
const KINDS = setOf(...Object.values(FrameKind).filter((kind) => kind >= FrameKind.hello));
/** What comes in any number while calls run. */
const STREAMED = setOf(FrameKind.output, FrameKind.said);

/** The length of what is in the shared buffer. */
const SHARED_BYTES = 4;

const BATCH_BYTES = 2 * LARGE_BYTES;
/** After as many chunks others have their turn. */
const MOST_CHUNKS = 16;
/** And after as many bytes of what is streamed: there may be a frame in every few of them. */
const STREAM_BYTES = 64 * 1024;

/** All channels read into the same memory: what is told of is dealt with at once. */
const chunk = Region.ofSize(4 * LARGE_BYTES);

const nothing = Buffer.alloc(0);

export class FrameChannel implements BegunFrame {
  private readonly answers: Incoming;
  private readonly writer: BatchWriter;
  private readonly buffer: SharedBuffer;
  private readonly maxPayloadBytes: number;
  private readonly budget: FrameBudget;
  private readonly events: FrameEvents;
  private readonly allRead = new Deferred();
  /** The beginning of a frame whose end has not arrived. */
  private begun: Buffer = nothing;
  private large: { kind: number; call: number; payload: Region; filled: number } | undefined;
  private isOpen = true;
  private isReadable = true;
  private isWritable = true;
  /** Whether no more is read until `goOn`. */
  isPaused = false;
  /** Whether the last chunk held what is streamed. */
  private isStreaming = false;
  /** Whether the last chunk had a value in the shared buffer, which holds no more than one. */
  private wasShared = false;
  private isLarge = false;

  /** @param budget what it shares with all others */
  constructor(
    ends: { readonly requests: OutgoingEnd; readonly answers: IncomingEnd },
    buffer: SharedBuffer,
    maxPayloadBytes: number,
    budget: FrameBudget,
    events: FrameEvents,
  ) {
    this.buffer = buffer;
    this.maxPayloadBytes = maxPayloadBytes;
    this.budget = budget;
    this.events = events;
    // Where the worker does not read any more it has ended, and its owner hears of that.
    this.writer = new BatchWriter(ends.requests, BATCH_BYTES, { drained() {}, failed() {} });
    this.answers = new Incoming(ends.answers, this);
    this.answers.awaited = true;
  }

  /** Resolves when the other end is closed and everything has been read. */
  get closed(): Promise<void> {
    return this.allRead.promise;
  }

  /** @param pieces the payload; large ones must stay as they are */
  send(kind: number, call: number, pieces: readonly Uint8Array[]): void {
    if (!this.isWritable) return;
    let length = 0;
    let small = HEADER_BYTES;
    for (const piece of pieces) {
      length += piece.length;
      if (piece.length < LARGE_BYTES) small += piece.length;
    }
    const { writer } = this;
    if (length >= LARGE_BYTES && kind === FrameKind.execute && this.buffer.put(pieces, length)) {
      this.begin(FrameKind.executeShared, call, SHARED_BYTES, HEADER_BYTES + SHARED_BYTES);
      writer.number(length);
    } else {
      if (length >= LARGE_BYTES) this.enlarge();
      this.begin(kind, call, length, small);
      for (const piece of pieces) writer.bytes(piece);
    }
    keepPolling();
  }

  /** @param small the bytes of the header and of what is small behind it */
  private begin(kind: number, call: number, length: number, small: number): void {
    const { writer } = this;
    writer.reserve(small);
    writer.number(length);
    writer.number(call);
    writer.number(kind);
  }

  /** Whether all that was to be sent is handed to the system. */
  get hasSentAll(): boolean {
    return this.writer.waitingBytes === 0;
  }

  /** Only for those that have much to say: a user may have so many large pipes, and no more. */
  private enlarge(): void {
    if (this.isLarge) return;
    this.isLarge = true;
    this.writer.enlarge();
    this.answers.enlarge();
  }

  /** What was printed before a frame was sent is told before it. */
  comesLast(): boolean {
    return this.events.hearsOutput();
  }

  readable(): void {
    for (let chunks = 0; chunks < MOST_CHUNKS && this.isReadable; chunks++) {
      if (this.isPaused && this.large === undefined) break;
      if (!this.readSome() || (this.isStreaming && this.large === undefined)) return;
    }
    if (this.isPaused) this.answers.awaited = false;
  }

  /** Reads what has arrived by now, also while it is paused: a pipe holds no more than so many chunks. */
  readNow(): void {
    for (let chunks = 0; chunks < MOST_CHUNKS && this.isReadable; chunks++) if (!this.readSome()) return;
  }

  /** Reads no more, but for a frame that has begun, until `goOn`: the worker waits once the pipe is full. */
  pause(): void {
    this.isPaused = true;
  }

  goOn(): void {
    this.isPaused = false;
    this.resume();
  }

  resume(): void {
    if (this.isReadable) this.answers.awaited = true;
  }

  giveUp(): void {
    this.violate(`a frame of ${this.large?.payload.bytes.length} bytes that it began and did not end`);
  }

  /** Tells the worker that no more frames come. */
  endRequests(): void {
    if (!this.isWritable) return;
    this.writer.writeNow();
    if (this.writer.isBehind) return; // it does not read, so it would not see the end either
    this.closeRequests();
  }

  /** Closes all that is open. */
  destroy(): void {
    this.closeRequests();
    if (!this.isOpen) return;
    this.isOpen = false;
    this.stopReading();
    this.answers.close();
  }

  private closeRequests(): void {
    if (!this.isWritable) return;
    this.isWritable = false;
    this.writer.close();
  }

  /** @returns whether more may be there */
  private readSome(): boolean {
    return this.large === undefined ? this.readChunk() : this.readLarge(this.large);
  }

  private readChunk(): boolean {
    const { bytes } = chunk;
    const kept = this.begun.length;
    const room = this.isStreaming ? STREAM_BYTES : bytes.length - kept;
    const count = this.read(chunk, kept, room);
    if (count <= 0) return false;
    bytes.set(this.begun);
    this.events.arrived();
    keepPolling(); // the host's next request, most likely
    this.isStreaming = false;
    this.wasShared = false;
    const end = kept + count;
    const at = this.tellFrames(end);
    this.begun = at === end || !this.isReadable ? nothing : Buffer.from(bytes.subarray(at, end));
    return count === room || this.large !== undefined;
  }

  /** Tells the frames that are whole in the chunk. @returns how far it got */
  private tellFrames(end: number): number {
    const { bytes } = chunk;
    let at = 0;
    while (this.isReadable && end - at >= HEADER_BYTES) {
      const length = bytes.readUInt32LE(at);
      const call = bytes.readUInt32LE(at + CALL_OFFSET);
      const kind = bytes.readUInt32LE(at + KIND_OFFSET);
      if (length > this.maxPayloadBytes) {
        this.violate(`a frame of ${length} bytes, at most ${this.maxPayloadBytes} are taken`);
        return end;
      }
      if (!isIn(KINDS, kind)) {
        this.violate(`a frame of kind ${kind}`);
        return end;
      }
      if (isIn(STREAMED, kind)) this.isStreaming = true;
      const from = at + HEADER_BYTES;
      if (length >= LARGE_BYTES) {
        this.enlarge();
        const payload = roomOf(length);
        if (payload === undefined) {
          this.violate(`a frame of ${length} bytes, for which dlrpc has no memory`);
          return end;
        }
        const filled = bytes.copy(payload.bytes, 0, from, Math.min(end, from + length));
        at = from + filled;
        this.large = { kind, call, payload, filled };
        this.budget.begin(this);
        this.budget.arrived(this, filled);
        if (filled < length) return at;
        this.tellLarge(this.large);
      } else {
        if (end - from < length) return at;
        at = from + length;
        const payload = bytes.subarray(from, at);
        if (kind === FrameKind.resultShared) this.tellShared(call, payload);
        else this.events.frame(kind, call, payload);
      }
    }
    return at;
  }

  /** A worker has put the next one there only when it has seen that this one was read. */
  private tellShared(call: number, said: Buffer): void {
    const length = said.length === SHARED_BYTES ? said.readUInt32LE() : 0;
    if (length < LARGE_BYTES || length > this.maxPayloadBytes || this.wasShared) {
      return this.violate(`a frame about a result of ${length} bytes in the shared buffer`);
    }
    this.wasShared = true;
    const payload = roomOf(length);
    if (payload === undefined) return this.violate(`a result of ${length} bytes, for which dlrpc has no memory`);
    if (!this.buffer.get(payload))
      return this.violate(`a result of ${length} bytes, which the shared buffer does not hold`);
    this.events.frame(FrameKind.result, call, payload.bytes);
  }

  private readLarge(large: NonNullable<FrameChannel["large"]>): boolean {
    const { payload } = large;
    const left = payload.bytes.length - large.filled;
    const room = Math.min(left, this.budget.roomFor(this));
    if (room === 0) {
      this.answers.awaited = false; // until it is resumed
      return false;
    }
    const count = this.read(payload, large.filled, room);
    if (count <= 0) return false;
    large.filled += count;
    this.budget.arrived(this, count);
    if (count < left) return true;
    this.events.arrived();
    this.tellLarge(large);
    return true;
  }

  private tellLarge({ kind, call, payload }: NonNullable<FrameChannel["large"]>): void {
    this.large = undefined;
    this.budget.end(this);
    this.events.frame(kind, call, payload.bytes);
  }

  private read(region: Region, at: number, length: number): number {
    const count = this.answers.read(region, at, length);
    if (count === 0) this.end();
    return count === NOT_NOW ? 0 : count;
  }

  private end(): void {
    this.stopReading();
    this.events.ended();
  }

  private violate(what: string): void {
    this.stopReading();
    this.events.violation(what);
  }

  private stopReading(): void {
    this.isReadable = false;
    this.answers.awaited = false;
    if (this.large !== undefined) {
      free(this.large.payload.bytes);
      this.large = undefined;
      this.budget.end(this);
    }
    this.allRead.resolve();
  }
}

/** A bit for each: a Set of them took as long as all else that is asked of a frame. */
function setOf(...kinds: readonly number[]): number {
  return kinds.reduce((bits, kind) => bits | (1 << kind), 0);
}

function isIn(set: number, kind: number): boolean {
  return kind < 32 && (set & (1 << kind)) !== 0;
}

/** @returns undefined where the system gives no more memory */
function roomOf(length: number): Region | undefined {
  try {
    return new Region(allocate(length));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
