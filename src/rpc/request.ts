// Owns one request from its arrival to its one response (M6, invariant 2).

import { DlrpcError } from "../../protocol/errors.ts";
import type { RawJson } from "../../protocol/raw.ts";
import { logDefect } from "../observe/log.ts";
import type { ParamsMembers } from "./params.ts";

/** How a request is answered: `result` is an object or the raw text of one. */
export type Outcome = { result: object } | { error: DlrpcError };

export class IncomingRequest {
  readonly id: RawJson;
  readonly method: string;
  private params: ParamsMembers | undefined;
  private readonly answer: (outcome: Outcome) => void;
  private onCancel: (() => void) | undefined;
  private answered = false;
  private abandoned = false;

  constructor(id: RawJson, method: string, params: ParamsMembers, answer: (outcome: Outcome) => void) {
    this.id = id;
    this.method = method;
    this.params = params;
    this.answer = answer;
  }

  /** To be called once: what waits for its answer must not hold all that its sender wrote. */
  takeParams(): ParamsMembers {
    const { params } = this;
    if (params === undefined) throw new Error(`the params of ${this.method} were taken already`);
    this.params = undefined;
    return params;
  }

  resolve(result: object): void {
    this.settle({ result });
  }

  /** Anything but a DlrpcError is a defect of the program (invariant 4). */
  reject(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const answer = error instanceof DlrpcError ? error : new DlrpcError("INTERNAL_ERROR", message);
    if (answer.kind === "INTERNAL_ERROR") logDefect(error);
    this.settle({ error: answer });
  }

  /** Answers in the place of whoever works on it, whose own answer comes too late. */
  abandon(error: DlrpcError): void {
    this.settle({ error });
    this.abandoned = true;
  }

  /** What `$/cancelRequest` does; a request for which nothing was said cannot be cancelled. */
  whenCancelled(action: () => void): void {
    this.onCancel = action;
  }

  /** As `whenCancelled`, for work that takes a signal; the reason is the error to answer with. */
  get cancellation(): AbortSignal {
    const controller = new AbortController();
    this.onCancel = () => controller.abort(new DlrpcError("REQUEST_CANCELLED", `${this.method} was cancelled`));
    return controller.signal;
  }

  cancel(): void {
    this.onCancel?.();
  }

  private settle(outcome: Outcome): void {
    if (this.abandoned) return;
    if (this.answered) {
      logDefect(new Error(`${this.method} was answered twice`));
      return;
    }
    this.answered = true;
    this.answer(outcome);
  }
}
