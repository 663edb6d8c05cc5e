// Owns the calls that were sent to one worker, in the order in which they were sent, by the numbers that frames carry.

import { CONTROL_BLOCK_CALLS } from "../../native/frames/frames.ts";
import type { DlrpcError } from "../../protocol/errors.ts";
import type { Call } from "./call.ts";

/**
 * Numbers come again after this many calls; by then nobody remembers them. A worker may still have to read a call that
 * was taken back when its place is used again: so it is the number that counts, which fits 31 bits.
 */
const GENERATIONS = 1 << 20;

export class SentCalls {
  /** How many have no answer yet. */
  get unanswered(): number {
    return this.calls.filter((call) => !call.isAnswered).length;
  }

  /** How many bytes their contexts have. */
  bytes = 0;
  /** How many of them run; the others were sent ahead. */
  running = 0;
  private readonly calls: Call[] = [];
  /** A call's number tells its place in the control block; a place is used again when its call is done. */
  private readonly freePlaces = Array.from({ length: CONTROL_BLOCK_CALLS }, (_, place) => place);
  private generation = 0;

  get size(): number {
    return this.calls.length;
  }

  get first(): Call | undefined {
    return this.calls[0];
  }

  get all(): readonly Call[] {
    return [...this.calls];
  }

  has(call: Call): boolean {
    return this.calls.includes(call);
  }

  /** Gives a call its number. There is a place for it: `size` is less than CONTROL_BLOCK_CALLS. */
  add(call: Call): void {
    this.generation = (this.generation % (GENERATIONS - 1)) + 1;
    call.number = this.generation * CONTROL_BLOCK_CALLS + (this.freePlaces.pop() as number);
    this.calls.push(call);
    this.bytes += call.context.bytes;
  }

  find(number: number): Call | undefined {
    for (const call of this.calls) if (call.number === number) return call; // the first, most likely
    return undefined;
  }

  remove(call: Call): void {
    if (this.calls[0] === call) this.calls.shift();
    else this.calls.splice(this.calls.indexOf(call), 1);
    this.freePlaces.push(call.number % CONTROL_BLOCK_CALLS);
    this.bytes -= call.context.bytes;
    if (call.runs) this.running--;
    call.leave();
  }

  /** Answers all with their errors; none is there any more. */
  fail(error: (call: Call) => DlrpcError): void {
    for (const call of this.all) {
      this.remove(call);
      if (!call.isAnswered) call.fail(error(call));
    }
  }
}
