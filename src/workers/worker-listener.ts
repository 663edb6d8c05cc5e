// Owns what is to be heard of a worker: frames, output, and how it ended.

import type { ErrorDetails } from "../../protocol/errors.ts";
import type { OutputStream } from "../../protocol/messages.ts";
import type { End } from "../platform/end.ts";
import type { Backtrace } from "./crash/backtrace.ts";

/** What a worker has written, as `error.data` has it (E5). */
export type OutputTails = { readonly stderrTail: string; readonly stdoutTail: string };

/** Of a worker that there is not. */
export const noTails: OutputTails = { stderrTail: "", stdoutTail: "" };

/** How a worker ended. */
export interface WorkerEnd extends End, OutputTails {
  /** Why it was ended, where it was because of what the plugin did: the plugin is the subject. */
  readonly cause?: string;
  /** What else an error says of that. */
  readonly details?: ErrorDetails;
  /** Where it was, where a signal ended it that its own doing can cause (E20). */
  readonly crash?: Backtrace;
}

/** Who is told what a worker does. `ended` comes last and once. No getters: V8 would keep each object that has its own. */
export interface WorkerListener {
  /** Whether it matters what was written before a frame was sent. */
  hearsOutput(): boolean;
  /** Whether calls run. */
  isBusy(): boolean;
  /** @param payload valid until this returns, or for good where it is large */
  frame(kind: number, call: number, payload: Buffer): void;
  output(stream: OutputStream, bytes: Buffer): void;
  ended(end: WorkerEnd): void;
}

/** For a worker that is of no interest any more. */
export const nobody: WorkerListener = {
  hearsOutput: () => false,
  isBusy: () => false,
  frame() {},
  output() {},
  ended() {},
};
