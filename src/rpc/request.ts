// Owns one request from its arrival to its one response (M6).

import { DlrpcError } from "../../protocol/errors.ts";
import type { RawJson } from "../../protocol/raw.ts";
import { messageOf } from "../base/failures.ts";
import { logDefect } from "../observe/log.ts";
import { knownError } from "../platform/exhaustion.ts";
import type { RequestId } from "./message.ts";
import type { Params } from "./params.ts";
import { hashOf } from "./request-table.ts";

/** How a request is answered: `result` is an object or the raw text of one, which is given away where nobody keeps it. */
export type Outcome = { result: object; isGiven: boolean } | { error: DlrpcError };

/** Who hears of a request's one answer, and of the answer to what is no request. */
export interface AnswerSink {
  answered(request: IncomingRequest, outcome: Outcome): void;
  respond(id: RequestId, outcome: Outcome): void;
  /** The request gets no answer: its sender has taken it back. */
  dropped(request: IncomingRequest): void;
}

/** Work that a host can end before it is done. */
export interface Cancellable {
  cancel(): void;
}

export class IncomingRequest {
  readonly id: RequestId;
  /** By which it is found (request-table.ts). */
  readonly hash: number;
  readonly method: string;
  /** How much memory it is reckoned to take while it waits. */
  readonly bytes: number;
  private params: Params | undefined;
  private readonly sink: AnswerSink;
  private work: Cancellable | undefined;
  private state: "waiting" | "answered" | "abandoned" = "waiting";

  constructor(id: RequestId, method: string, params: Params, bytes: number, sink: AnswerSink) {
    this.id = id;
    this.hash = hashOf(id);
    this.method = method;
    this.params = params;
    this.bytes = bytes;
    this.sink = sink;
  }

  /** Whether an answer is still to come. */
  get isWaiting(): boolean {
    return this.state === "waiting";
  }

  /** To be called once and at once: they are valid until then, and what waits must not hold all that was written. */
  takeParams(): Params {
    const { params } = this;
    if (params === undefined) throw new Error(`the params of ${this.method} were taken already`);
    this.params = undefined;
    return params;
  }

  resolve(result: object): void {
    this.settle({ result, isGiven: false });
  }

  /** As `resolve`, with a text that is not used any more by whoever gives it. */
  give(result: RawJson): void {
    this.settle({ result, isGiven: true });
  }

  /**
   * Anything but a DlrpcError, and the system's having no more of something, is a defect of the program (section 5,
   * INTERNAL_ERROR).
   */
  reject(error: unknown): void {
    const known = knownError(error);
    if (known === undefined) logDefect(error);
    const message = messageOf(error);
    this.settle({ error: known ?? new DlrpcError("INTERNAL_ERROR", message) });
  }

  /** Answers in the place of whoever works on it, whose own answer comes too late. */
  abandon(error: DlrpcError): void {
    this.settle({ error });
    this.state = "abandoned";
  }

  /** For protocols in which what was cancelled is not answered. */
  drop(): void {
    if (this.state !== "waiting") return;
    this.state = "abandoned"; // whoever works on it may be about to answer
    this.params = undefined;
    this.sink.dropped(this);
  }

  /** What `$/cancelRequest` does; a request for which nothing was said cannot be cancelled. */
  begin(work: Cancellable): void {
    this.work = work;
  }

  /** As `begin`, for work that takes a signal; the reason is the error to answer with. */
  get cancellation(): AbortSignal {
    const controller = new AbortController();
    const reason = () => new DlrpcError("REQUEST_CANCELLED", `${this.method} was cancelled`);
    this.begin({ cancel: () => controller.abort(reason()) });
    return controller.signal;
  }

  cancel(): void {
    this.work?.cancel();
  }

  private settle(outcome: Outcome): void {
    if (this.state === "abandoned") return;
    if (this.state === "answered") {
      logDefect(new Error(`${this.method} was answered twice`));
      return;
    }
    this.state = "answered";
    this.params = undefined;
    this.sink.answered(this, outcome);
  }
}
