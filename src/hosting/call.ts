// Owns one call of a plugin from its arrival to its one answer.

import type { DlrpcError } from "../../protocol/errors.ts";
import type { RawJson } from "../../protocol/raw.ts";
import { free } from "../native/large-memory.ts";
import type { Context } from "../plugins/context.ts";

/** Who waits for a call. Exactly one of `result` and `error` is called, once. */
export interface CallReply {
  /** The id of the host's request, as it was written: a letter per byte. */
  readonly requestId: string;
  /** The call runs. */
  started(): void;
  /** @param result valid until this returns, or for good where it is large */
  result(result: RawJson): void;
  error(error: DlrpcError): void;
}

/** Who runs it. */
interface Runner {
  cancel(call: Call): void;
}

export class Call {
  readonly context: Context;
  /** Milliseconds from the start of execution; undefined where it may take for ever. */
  readonly timeoutMs: number | undefined;
  /** Which of the sent calls it is; 0 before it is sent. */
  number = 0;
  private readonly runner: Runner;
  private readonly reply: CallReply;
  private startedAt: number | undefined;
  private deadline: NodeJS.Timeout | undefined;
  private answered = false;

  constructor(runner: Runner, context: Context, timeoutMs: number | undefined, reply: CallReply) {
    this.runner = runner;
    this.context = context;
    this.timeoutMs = timeoutMs;
    this.reply = reply;
  }

  get requestId(): string {
    return this.reply.requestId;
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

  succeed(result: RawJson): void {
    if (this.settle()) this.reply.result(result);
  }

  fail(error: DlrpcError): void {
    if (this.settle()) this.reply.error(error);
  }

  /** Gives back what a large call takes; it must have been sent, and must not be sent again. */
  free(): void {
    const { largeInput } = this.context;
    if (largeInput !== undefined) free(largeInput);
  }

  private settle(): boolean {
    if (this.deadline !== undefined) clearTimeout(this.deadline);
    const first = !this.answered;
    this.answered = true;
    return first;
  }
}
