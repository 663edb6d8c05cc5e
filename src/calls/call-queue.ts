// Owns the order of what a handle has to do (E2), and how much of it may wait (E7).

import { DlrpcError } from "../../protocol/errors.ts";
import type { Call } from "./call.ts";
import type { PendingBudget } from "./pending-budget.ts";

/** What waits in the queue. A step begins when all earlier calls are done, and later calls wait for its end. */
export type Entry = Call | Step;

export interface Step {
  readonly type: "step";
  /** Whether it is the last: then a restart on the way need not be waited for. */
  readonly isLast: boolean;
  run(): Promise<void>;
  abandon(error: DlrpcError): void;
}

export class CallQueue {
  private readonly entries: Entry[] = [];
  private readonly maxCalls: number;
  readonly budget: PendingBudget;
  private calls = 0;

  constructor(maxCalls: number, budget: PendingBudget) {
    this.maxCalls = maxCalls;
    this.budget = budget;
  }

  /** How many calls wait. */
  get length(): number {
    return this.calls;
  }

  get first(): Entry | undefined {
    return this.entries[0];
  }

  /**
   * @param alsoWaiting how many calls wait that are not in the queue any more
   * @throws DlrpcError OVERLOADED
   */
  addCall(call: Call, alsoWaiting: number): void {
    const waiting = this.calls + alsoWaiting;
    if (waiting >= this.maxCalls) throw overloaded(`${waiting} calls wait for this plugin already`);
    if (!this.budget.take(call.context.bytes)) {
      throw overloaded(`calls of ${this.budget.maxBytes} bytes wait already, for this plugin and others`);
    }
    this.calls++;
    this.entries.push(call);
  }

  /** Lets a call that was taken out wait again, before all others. */
  putBack(call: Call): void {
    this.budget.takeAnyway(call.context.bytes);
    this.calls++;
    this.entries.unshift(call);
  }

  /** Reckons a call that was taken out, and is still to begin, among those that wait. */
  keepRoomFor(call: Call): void {
    this.budget.takeAnyway(call.context.bytes);
  }

  /** It begins, or never will. */
  releaseRoomOf(call: Call): void {
    this.budget.release(call.context.bytes);
  }

  addStep(step: Step): void {
    this.entries.push(step);
  }

  /** Takes out the first entry. */
  shift(): void {
    this.forget(this.entries.shift());
  }

  /** Takes out a call that has not begun. @returns false where it does not wait here */
  remove(call: Call): boolean {
    const at = this.entries.indexOf(call);
    if (at < 0) return false;
    this.forget(this.entries.splice(at, 1)[0]);
    return true;
  }

  /** Answers everything that waits with `error()`. */
  abandon(error: () => DlrpcError): void {
    for (const entry of this.entries.splice(0)) {
      this.forget(entry);
      if (entry.type === "call") entry.fail(error());
      else entry.abandon(error());
    }
  }

  private forget(entry: Entry | undefined): void {
    if (entry?.type !== "call") return;
    this.calls--;
    this.budget.release(entry.context.bytes);
  }
}

function overloaded(found: string): DlrpcError {
  return new DlrpcError("OVERLOADED", `${found}; no more are taken`);
}
