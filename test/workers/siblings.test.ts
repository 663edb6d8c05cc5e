// E9: calls that run in one process share its end.

import { describe, expect, test } from "vitest";
import { begin, call, cancel, exited, listed, start, startAtGate, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import type { Host } from "../support/host.ts";

/** How the call that is to blame ends: what it does, what it is answered with, what is said of the others. */
const ends: Record<string, { what: string; params?: object; end?: typeof cancel; kind: string; reason: string }> = {
  crash: { what: "segv", kind: "PLUGIN_CRASHED", reason: "crash" },
  deadline: { what: "spin", params: { timeoutMs: 50 }, kind: "PLUGIN_TIMEOUT", reason: "sibling-timeout" },
  cancellation: { what: "spin", end: cancel, kind: "REQUEST_CANCELLED", reason: "sibling-cancelled" },
};

describe("E9: the other calls that ran in a thread-safe plugin's process get PLUGIN_CRASHED, saying why", () => {
  test.each(Object.keys(ends))("%s", async (name) => {
    const { what, params, end, kind, reason } = ends[name] as (typeof ends)[string];
    await using host = await watchingHost({ args: ["--concurrency", "3"] });
    const handle = await host.load("hostile-thread-safe");
    const siblings = [await begin(host, handle, "hang"), await begin(host, handle, "spin")];
    const culprit = await begin(host, handle, what, params);
    const queued = [1, 2].map(() => start(host, handle, "count"));
    end?.(host, culprit);

    expect((await host.answer(culprit)).error?.data).toMatchObject({ kind, handle });
    for (const id of siblings) {
      const { data } = (await host.answer(id)).error ?? {};
      expect(data).toMatchObject({ kind: "PLUGIN_CRASHED", handle, reason, sideEffectsUnknown: true, callsServed: 0 });
      expect(data).toMatchObject({ operation: "execute", library: expect.stringMatching(/libhostile\.so$/) });
      expect(data).toMatchObject({ integrity: expect.stringMatching(/^sha256-/), uptimeMs: expect.any(Number) });
      expect(data).toHaveProperty("stderrTail");
    }
    const pids = await Promise.all(queued.map(async (id) => (await host.answer(id)).result.output.pid));
    expect(new Set(pids).size).toBe(1); // the fresh process
    const { stats } = await listed(host, handle);
    expect(stats).toMatchObject({ calls: 5, errors: 3, crashes: reason === "crash" ? 1 : 0, restarts: 1 });
  });
});

test("E9: the end of a call that is only queued ends no sibling", async () => {
  await using host = await watchingHost({ args: ["--concurrency", "2"] });
  const gates = [new Gate(), new Gate()] as const;
  const handle = await host.load("hostile-thread-safe");
  const running = gates.map((gate) => start(host, handle, "wait_at_gate", gate.input));
  for (const gate of gates) await gate.reached();
  const queued = start(host, handle, "count");
  cancel(host, queued);
  expect((await host.answer(queued)).error?.data.kind).toBe("REQUEST_CANCELLED");
  for (const gate of gates) await gate[Symbol.asyncDispose]();
  for (const id of running) expect((await host.answer(id)).result.success).toBe(true);
});

test("E9: siblings of another handle are none", async () => {
  await using host = await watchingHost({ args: ["--concurrency", "2"] });
  await using gate = new Gate();
  const [one, two] = [await host.load("hostile-thread-safe"), await host.load("hostile-thread-safe")];
  const running = await startAtGate(host, two, gate);
  await call(host, one, "abort");
  await exited(host, one);
  await gate.open();
  expect((await host.answer(running)).result.success).toBe(true);
});

test("E9, E8: a wrong result ends no sibling", async () => {
  await using host = await watchingHost({ args: ["--concurrency", "2"] });
  await using gate = new Gate();
  const handle = await host.load("hostile-thread-safe");
  const running = await startAtGate(host, handle, gate);
  for (const what of ["answer_null", "answer_latin1", "answer_not_json"]) await wrong(host, handle, what);
  await gate.open();
  expect((await host.answer(running)).result.output.count).toBe(4);
});

async function wrong(host: Host, handle: string, what: string): Promise<void> {
  expect((await call(host, handle, what)).error?.data.kind).toBe("INVALID_RESULT");
}
