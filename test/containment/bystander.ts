// A call that runs in a plugin of its own while a test does harm to others: it must notice nothing of that, and what dlrpc
// holds must afterwards be what it held before.

import { expect } from "vitest";
import { listed, startAtGate, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import { expectHoldings, type Holdings, holdingsOf } from "../support/holdings.ts";
import type { Host } from "../support/host.ts";

export class Bystander {
  readonly host: Host;
  private readonly handle: string;
  private readonly gate: Gate;
  private readonly call: number;
  private readonly before: Holdings;

  private constructor(host: Host, handle: string, gate: Gate, call: number, before: Holdings) {
    this.host = host;
    this.handle = handle;
    this.gate = gate;
    this.call = call;
    this.before = before;
  }

  /** @param params of its load, and that of the others: such a one has been loaded and unloaded when this comes back */
  static async stand(params: object = {}): Promise<Bystander> {
    const host = await watchingHost();
    const gate = new Gate();
    const handle = await host.load("hostile", params);
    await host.result("plugin/unload", { handle: await host.load("hostile", params) });
    const call = await startAtGate(host, handle, gate);
    return new Bystander(host, handle, gate, call, await holdingsOf(host));
  }

  async expectUndisturbed(): Promise<void> {
    const stats = { calls: 1, errors: 0, crashes: 0, restarts: 0 };
    expect(await listed(this.host, this.handle)).toMatchObject({ running: 1, stats });
  }

  /** Waits until dlrpc holds no more than before. */
  expectNothingLeft(): Promise<void> {
    return expectHoldings(this.host, this.before);
  }

  /** Its call gets its answer, and dlrpc ends in order. */
  async leave(): Promise<void> {
    const { host, gate } = this;
    await this.expectUndisturbed();
    await gate.open();
    expect((await host.answer(this.call)).result.output.count).toBe(1);
    expect(await host.finish()).toEqual({ status: 0, signal: null });
    expect(host.stderr).toBe("");
    await gate[Symbol.asyncDispose]();
  }
}
