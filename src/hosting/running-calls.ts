// Owns the calls that run in one executor, by the numbers that its frames carry.

import type { DlrpcError } from "../../protocol/errors.ts";
import type { RawJson } from "../../protocol/raw.ts";
import type { Call } from "./call.ts";

export class RunningCalls {
  private readonly calls = new Map<number, Call>();
  private lastNumber = 0;

  get size(): number {
    return this.calls.size;
  }

  /** @returns the call's number */
  add(call: Call): number {
    this.calls.set(++this.lastNumber, call);
    return this.lastNumber;
  }

  /** Takes out the call with that number, if it runs. */
  take(number: number): Call | undefined {
    const call = this.calls.get(number);
    this.calls.delete(number);
    return call;
  }

  has(call: Call): boolean {
    return this.calls.values().some((running) => running === call);
  }

  /** Answers all with `error()`; none runs any more. */
  fail(error: () => DlrpcError): void {
    for (const call of this.calls.values()) call.fail(error());
    this.calls.clear();
  }

  /** The request that something the plugin did belongs to, where there can be no doubt. */
  soleRequest(): RawJson | undefined {
    const [call, other] = this.calls.values();
    return other === undefined ? call?.requestId : undefined;
  }
}
