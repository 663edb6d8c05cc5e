// Owns the control block: memory that dlrpc and a worker share. Each call that was sent is either begun by the worker or
// taken back by dlrpc, never both; so calls can be pipelined and still be taken back before their turn. Of a plugin that has
// taken the table it also says what dlrpc wants of a call, and how far the call is. A plugin can write here itself: of a
// call whose turn it was the control block proves nothing.

import { SharedBuffer } from "#platform/streams/shared-buffer";
import { SharedMemory } from "#platform/streams/shared-memory";
import {
  CONTROL_BLOCK_BYTES,
  CONTROL_BLOCK_CALLS,
  DONE_OFFSET,
  FLAGS_BYTES,
  FLAGS_OFFSET,
  LENGTH_OFFSET,
  MESSAGE_OFFSET,
  READ_OFFSET,
  REPORT_BYTES,
  REPORTS_OFFSET,
  REVISION_OFFSET,
  TIMEOUT_OFFSET,
  TOTAL_OFFSET,
  WANTED_OFFSET,
} from "../../native/frames/frames.ts";
import type { End } from "../platform/end.ts";
import { type CrashRecord, readCrashRecord } from "./crash/crash-record.ts";
import { cutText } from "./crash/cut-text.ts";

const WORD = Int32Array.BYTES_PER_ELEMENT;

/** A place holds the number of the call that is sent; its negative once the worker has begun it; this once taken back. */
const TAKEN_BACK = 0;
const NEVER = 0;
/** To write a report takes a fraction of the time of a look at it. */
const MOST_TRIES = 20;
/** The longest message. */
const MESSAGE_BYTES = REPORT_BYTES - MESSAGE_OFFSET;

/** How far a call is, as its plugin wrote it: any two numbers, and some text. */
export interface ControlBlockReport {
  /** Another one for each report. */
  readonly revision: number;
  readonly done: number;
  readonly total: number;
  readonly message: string;
}

export class ControlBlock {
  /** To be handed to the worker. */
  readonly shared = new SharedMemory(CONTROL_BLOCK_BYTES);
  readonly buffer = new SharedBuffer(this.shared);
  private readonly words = new Int32Array(this.shared.memory);
  private readonly bytes = Buffer.from(this.shared.memory);

  /** To be called before a call is sent. Its number tells its place. */
  send(call: number): void {
    Atomics.store(this.words, call % CONTROL_BLOCK_CALLS, call);
  }

  /** @returns whether the call was not begun; then it never will be */
  takeBack(call: number): boolean {
    return Atomics.compareExchange(this.words, call % CONTROL_BLOCK_CALLS, call, TAKEN_BACK) === call;
  }

  /**
   * Says what is wanted of a call; to be called before `send`.
   * @param wanted bits of `Wanted`
   * @param timeoutMs how long it may take; undefined: for ever
   */
  setFlags(call: number, wanted: number, timeoutMs: number | undefined): void {
    const at = flagsOf(call);
    this.words[(at + WANTED_OFFSET) / WORD] = wanted;
    this.words[(at + TIMEOUT_OFFSET) / WORD] = timeoutMs ?? NEVER;
    this.heed(call);
  }

  /** The call is to stop. */
  stop(call: number): void {
    Atomics.store(this.words, flagsOf(call) / WORD, call);
  }

  /** From now on the worker says when there is another report of the call. */
  heed(call: number): void {
    Atomics.store(this.words, reportOf(call) / WORD, 0);
  }

  /** Of what was reported last: another one for each report, and yet another while it is being written. */
  revision(call: number): number {
    return Atomics.load(this.words, (reportOf(call) + REVISION_OFFSET) / WORD);
  }

  /** @returns what was reported last; undefined where whoever writes it does not get on: then it is another soon */
  report(call: number): ControlBlockReport | undefined {
    const readAt = (reportOf(call) + READ_OFFSET) / WORD;
    Atomics.store(this.words, readAt, 1);
    let report: ControlBlockReport | undefined;
    for (let tries = 0; tries < MOST_TRIES && report === undefined; tries++) report = this.reportNow(call);
    Atomics.store(this.words, readAt, 0);
    return report;
  }

  /** @returns undefined where it is being written */
  private reportNow(call: number): ControlBlockReport | undefined {
    const { words, bytes } = this;
    const at = reportOf(call);
    const revisionAt = (at + REVISION_OFFSET) / WORD;
    const revision = Atomics.load(words, revisionAt);
    const length = Math.min(bytes.readUInt32LE(at + LENGTH_OFFSET), MESSAGE_BYTES);
    const message = cutText(bytes.subarray(at + MESSAGE_OFFSET, at + MESSAGE_OFFSET + length), MESSAGE_BYTES);
    const done = bytes.readDoubleLE(at + DONE_OFFSET);
    const total = bytes.readDoubleLE(at + TOTAL_OFFSET);
    if (revision % 2 !== 0 || Atomics.load(words, revisionAt) !== revision) return undefined;
    return { revision, done, total, message };
  }

  /** What is left of the process, where a signal or exception that its own doing can cause has ended it; else undefined. */
  crash(end: End): CrashRecord | undefined {
    return readCrashRecord(this.bytes, end);
  }

  /** Gives the memory back; the control block must not be used any more. */
  close(): void {
    this.shared.close();
  }
}

function flagsOf(call: number): number {
  return FLAGS_OFFSET + (call % CONTROL_BLOCK_CALLS) * FLAGS_BYTES;
}

function reportOf(call: number): number {
  return REPORTS_OFFSET + (call % CONTROL_BLOCK_CALLS) * REPORT_BYTES;
}
