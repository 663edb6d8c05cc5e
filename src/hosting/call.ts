// Owns one call of a plugin from its arrival to its one answer.

import type { DlrpcError } from "../../protocol/errors.ts";
import type { RawJson } from "../../protocol/raw.ts";

/** Who waits for a call. Exactly one of `result` and `error` is called, once. */
export interface CallReply {
  /** The id of the host's request, as it was written. */
  readonly requestId: RawJson;
  started(): void;
  result(result: RawJson): void;
  error(error: DlrpcError): void;
}

export class Call {
  /** The context document, NUL-terminated. */
  readonly context: Buffer;
  /** Milliseconds from the start of execution; undefined where it may take for ever. */
  readonly timeoutMs: number | undefined;
  private readonly reply: CallReply;
  private startedAt = 0;
  private deadline: NodeJS.Timeout | undefined;
  private answered = false;

  constructor(context: Buffer, timeoutMs: number | undefined, reply: CallReply) {
    this.context = context;
    this.timeoutMs = timeoutMs;
    this.reply = reply;
  }

  get requestId(): RawJson {
    return this.reply.requestId;
  }

  /** Whether the host has its answer already, while code that cannot be stopped runs on (E10). */
  get isAnswered(): boolean {
    return this.answered;
  }

  start(onDeadline: () => void): void {
    this.startedAt = performance.now();
    if (this.timeoutMs !== undefined) this.deadline = setTimeout(onDeadline, this.timeoutMs);
    this.reply.started();
  }

  /** How long it has run, in milliseconds. */
  get duration(): number {
    return performance.now() - this.startedAt;
  }

  succeed(result: RawJson): void {
    if (this.settle()) this.reply.result(result);
  }

  fail(error: DlrpcError): void {
    if (this.settle()) this.reply.error(error);
  }

  private settle(): boolean {
    clearTimeout(this.deadline);
    const first = !this.answered;
    this.answered = true;
    return first;
  }
}
