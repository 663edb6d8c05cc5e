// Owns what the broker knows of a place where plugin code runs, be it a process (worker-process.ts) or a thread
// (worker-thread.ts): frames go in, frames come out, and at some time it ends.

import type { OutputStream } from "../../protocol/messages.ts";
import type { Report } from "../confinement/report.ts";
import type { Board } from "../worker/board.ts";
import type { PrivateDirectory } from "./private-directory.ts";

/** How an executor ended. */
export interface ExecutorEnd {
  readonly signal: string | null;
  readonly exitCode: number | null;
  /** The last of what the plugin wrote to stderr. */
  readonly stderrTail: string;
  /** What it sent that no worker sends, where that is why it was ended. */
  readonly violation?: string;
}

/** Who is told what an executor does. `ended` comes last and once. */
export interface ExecutorListener {
  /** Whether it matters what was written before a frame was sent. */
  readonly hearsOutput: boolean;
  /** @param payload valid until this returns, or for good where it is large */
  frame(kind: number, call: number, payload: Buffer): void;
  output(stream: OutputStream, bytes: Buffer): void;
  ended(end: ExecutorEnd): void;
}

export interface Executor {
  /** Its process, null where it is none of its own. */
  readonly pid: number | null;
  /** Whether code that runs can be stopped; where not, it goes on until it returns (E10). */
  readonly canBeStopped: boolean;
  /** What it has to itself; absent where there is nowhere to make it. */
  readonly directory: PrivateDirectory | undefined;
  /** Which layers confine it. */
  readonly report: Report;
  listener: ExecutorListener;
  /** Which calls have begun. Valid until `ended` was told. */
  readonly board: Board;
  /** @param pieces the payload; large ones must stay as they are */
  send(kind: number, call: number, pieces: readonly Uint8Array[]): void;
  /** Whether all that was to be sent is handed to the system. */
  readonly hasSentAll: boolean;
  /** Tells of the frames that have arrived by now. */
  readNow(): void;
  /**
   * Ends it at once, as far as that can be. `ended` follows.
   * @param violation what it sent that no worker sends, where that is why
   */
  kill(violation?: string): void;
  /** Lets it end in order: no more frames come, what is loaded is unloaded. @returns when it has ended */
  close(): Promise<void>;
}

/** For an executor that is of no interest any more. */
export const nobody: ExecutorListener = { hearsOutput: false, frame() {}, output() {}, ended() {} };
