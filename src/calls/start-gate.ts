// Owns who may start a call now, and what keeps the others from it. How many may wait meanwhile is the queue's (E7).

import { MOST_THREADS } from "../../native/frames/frames.ts";
import type { BackPressure } from "./back-pressure.ts";
import type { Call } from "./call.ts";
import type { Entry } from "./call-queue.ts";
import type { Executor } from "./executor/executor.ts";
import type { SentCalls } from "./sent-calls.ts";

/** So many calls, of so many bytes, are pipelined: sent to a worker before their turn, so that it need not wait for them. */
const MOST_SENT = 64;
const MOST_SENT_BYTES = 32 * 1024;

/** Why what waits first does not begin. */
export type Obstacle =
  /** A step runs, or waits for calls to end. */
  | "step"
  /** There is no worker; a call waits for the next one. */
  | "no worker"
  /** There will be no worker until a reload: a call is refused. */
  | "quarantined"
  /** As many calls run and are pipelined as may. */
  | "full"
  /** The host is behind with reading (W7). */
  | "back-pressure";

export class StartGate {
  /** Whether a step runs: then nothing else begins. */
  isStepping = false;
  private readonly executor: Executor;
  private readonly sent: SentCalls;
  private readonly backPressure: BackPressure;
  private readonly again: () => void;

  /** @param again is called once the host has caught up, where it was behind */
  constructor(executor: Executor, sent: SentCalls, backPressure: BackPressure, again: () => void) {
    this.executor = executor;
    this.sent = sent;
    this.backPressure = backPressure;
    this.again = again;
  }

  /** @returns what keeps it from beginning, by running or by being pipelined; undefined where nothing does */
  obstacle(entry: Entry): Obstacle | undefined {
    if (this.isStepping) return "step";
    const { name } = this.executor.state;
    if (entry.type === "step") {
      if (this.sent.size > 0) return "step";
      return name === "restarting" && !entry.isLast ? "no worker" : undefined;
    }
    if (name !== "ready") return name === "quarantined" ? name : "no worker";
    if (!this.hasRoomFor(entry)) return "full";
    return this.backPressure.passes(this.again) ? undefined : "back-pressure";
  }

  /** Whether one more that is sent would run at once. */
  get isFree(): boolean {
    return this.sent.size < this.slots;
  }

  /** Whether it is the next one's turn of those that are pipelined. */
  get hasTurn(): boolean {
    return this.sent.running < this.slots;
  }

  private get slots(): number {
    return Math.min(this.executor.concurrency, MOST_THREADS);
  }

  /** Calls are not pipelined where that would blur which call has written what, or run in which order. */
  private hasRoomFor(call: Call): boolean {
    if (this.isFree) return true;
    const { size, bytes } = this.sent;
    const isFew = size < MOST_SENT && bytes + call.context.bytes <= MOST_SENT_BYTES;
    return isFew && this.slots === 1 && !this.executor.hearsOutput;
  }
}
