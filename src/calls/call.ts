// Owns one call of a plugin from its arrival to its one answer.

import type { DlrpcError } from "../../protocol/errors.ts";
import type { LogLevel, ProgressReport } from "../../protocol/messages.ts";
import type { RawJson } from "../../protocol/raw.ts";
import { free } from "../ffi/large-memory.ts";
import type { ControlBlock } from "../workers/control-block.ts";
import { CallReports } from "./call-reports.ts";
import type { Context } from "./context.ts";
import type { CheckedResult } from "./result.ts";

/** Who waits for a call. Exactly one of `result` and `error` is called, once. */
export interface CallReply {
  /** The id of the host's request, as it was written: a letter per byte. */
  readonly requestId: string;
  /** What of it is passed on: bits of `Wanted` (native/frames/frames.ts). */
  readonly wanted: number;
  /** The call runs. */
  started(): void;
  /** Whether its reader is behind: what will be said anew had better not be said now. */
  isBehind(): boolean;
  progress(report: ProgressReport): void;
  /** @param value a partial result; valid as a result is */
  output(value: RawJson): void;
  said(level: LogLevel, text: string): void;
  /** @param result valid until this returns, or for good where it is large */
  result(result: CheckedResult): void;
  error(error: DlrpcError): void;
}

/** How long a call may take, in milliseconds. */
export interface CallTimes {
  /** From the start of its execution; undefined where it may take for ever. */
  readonly timeoutMs: number | undefined;
  /** Once it is to stop, where the plugin is of those that hear of that. */
  readonly graceMs: number;
}

/** Who runs it. */
interface Runner {
  cancel(call: Call): void;
}

export class Call {
  /** In the queue, where there are steps, too. */
  readonly type = "call";
  readonly context: Context;
  /** Milliseconds from the start of execution; undefined where it may take for ever. */
  readonly timeoutMs: number | undefined;
  /** How long it may go on once it is to stop, in milliseconds. */
  readonly graceMs: number;
  /** Which of the sent calls it is; 0 before it is sent. */
  number = 0;
  private readonly runner: Runner;
  private readonly reply: CallReply;
  private startedAt: number | undefined;
  private deadline: NodeJS.Timeout | undefined;
  private grace: NodeJS.Timeout | undefined;
  private answered = false;
  private saying: CallReports | undefined;

  constructor(runner: Runner, context: Context, { timeoutMs, graceMs }: CallTimes, reply: CallReply) {
    this.runner = runner;
    this.context = context;
    this.timeoutMs = timeoutMs;
    this.graceMs = graceMs;
    this.reply = reply;
  }

  get requestId(): string {
    return this.reply.requestId;
  }

  /** What of it is passed on: bits of `Wanted`. */
  get wanted(): number {
    return this.reply.wanted;
  }

  /** What it says before its answer; most calls say nothing. @param controlBlock that of the worker that runs it */
  reportsOn(controlBlock: ControlBlock): CallReports {
    this.saying ??= new CallReports(this.reply, controlBlock, this.number);
    return this.saying;
  }

  /** The same, where it has said something. */
  get reported(): CallReports | undefined {
    return this.saying;
  }

  /** Whether it has its answer: it may run on, and nothing of it matters any more. */
  get isAnswered(): boolean {
    return this.answered;
  }

  /** Whether it is its turn, as far as dlrpc knows. */
  get runs(): boolean {
    return this.startedAt !== undefined;
  }

  /** Ends it because its host asked for that (E4). */
  cancel(): void {
    this.runner.cancel(this);
  }

  start(onDeadline: (call: Call) => void): void {
    this.startedAt = performance.now();
    if (this.timeoutMs !== undefined) this.deadline = setTimeout(onDeadline, this.timeoutMs, this);
    this.reply.started();
  }

  /** How long it has run, in milliseconds. */
  get duration(): number {
    return performance.now() - (this.startedAt ?? 0);
  }

  succeed(result: CheckedResult): void {
    if (this.settle()) this.reply.result(result);
  }

  fail(error: DlrpcError): void {
    if (this.settle()) this.reply.error(error);
  }

  /** It has its answer, is to stop, and may take its grace for that. */
  stopWithinGrace(onEnd: () => void): void {
    this.grace = setTimeout(onEnd, this.graceMs);
  }

  /** Nothing more of it is waited for. */
  leave(): void {
    clearTimeout(this.grace);
  }

  /** Gives back what a large call takes; it must have been sent, and must not be sent again. */
  free(): void {
    const { largeInput } = this.context;
    if (largeInput !== undefined) free(largeInput);
  }

  private settle(): boolean {
    if (this.deadline !== undefined) clearTimeout(this.deadline);
    if (this.answered) return false;
    this.answered = true;
    this.saying?.end();
    return true;
  }
}
