// E3: how long a call may run.

import { describe, expect, test } from "vitest";
import { begin, call, exited, listed, start, startAtGate, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import { Host } from "../support/host.ts";
import { isAlive } from "../support/processes.ts";

describe("E3: past its deadline a call gets PLUGIN_TIMEOUT, its process is ended, the next call has a new one", () => {
  test.each(["hang", "spin", "hang_blocking_signals", "stop"])("%s", async (what) => {
    await using host = await watchingHost();
    const handle = await host.load("hostile");
    const { pid } = (await call(host, handle, "count")).result.output;
    const { error } = await call(host, handle, what, { timeoutMs: 50 });
    expect(error?.code).toBe(-32022);
    expect(error?.data).toMatchObject({ kind: "PLUGIN_TIMEOUT", handle, timeoutMs: 50, sideEffectsUnknown: true });
    expect(await exited(host, handle)).toMatchObject({ signal: "SIGKILL", reason: "timeout", willRestart: true });
    expect(isAlive(pid)).toBe(false);

    const next = (await call(host, handle, "count")).result.output;
    expect(next.count).toBe(1);
    expect(next.pid).not.toBe(pid);
    expect((await listed(host, handle)).stats).toMatchObject({ timeouts: 1, errors: 1, crashes: 0, restarts: 1 });
  });
});

describe("E3: the deadline is the one of the call, else of the load, else of --timeout-ms", () => {
  const timeout = async (host: Host, handle: string, params: object = {}) =>
    (await call(host, handle, "hang", params)).error?.data.timeoutMs;

  test("all three are given", async () => {
    await using host = new Host({ args: ["--timeout-ms", "60000"] });
    const handle = await host.load("hostile", { timeoutMs: 30000 });
    expect(await timeout(host, handle, { timeoutMs: 20 })).toBe(20);
  });

  test("of the load, for each of its calls", async () => {
    await using host = new Host({ args: ["--timeout-ms", "60000"] });
    const handle = await host.load("hostile", { timeoutMs: 1000 });
    expect(await timeout(host, handle)).toBe(1000);
    expect(await timeout(host, handle)).toBe(1000);
  });

  test("of the command line", async () => {
    await using host = new Host({ args: ["--timeout-ms", "1000"] });
    expect(await timeout(host, await host.load("hostile"))).toBe(1000);
  });

  test("a call may be given longer than its load", async () => {
    await using host = await watchingHost();
    await using gate = new Gate();
    const handle = await host.load("hostile", { timeoutMs: 1000 });
    const other = await host.load("hostile", { timeoutMs: 1000 });
    const long = await startAtGate(host, handle, gate, { timeoutMs: 60000 });
    expect(await timeout(host, other)).toBe(1000); // began later, and has ended by the shorter deadline
    await gate.open();
    expect((await host.answer(long)).result.success).toBe(true);
  });

  test.each([0, -1, 1.5, 2 ** 31, "100"])("timeoutMs %j is INVALID_PARAMS", async (timeoutMs) => {
    await using host = new Host();
    const handle = await host.load("hostile");
    const error = await host.error("plugin/execute", { handle, timeoutMs });
    expect(error.data).toMatchObject({ kind: "INVALID_PARAMS", issues: [{ path: "timeoutMs" }] });
  });
});

test("E3: the deadline counts from the start of execution, not from the arrival", async () => {
  await using host = await watchingHost();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const other = await host.load("hostile");
  const first = await startAtGate(host, handle, gate);
  const waiting = start(host, handle, "count", { timeoutMs: 1000 });
  await call(host, other, "hang", { timeoutMs: 1100 }); // so long did it wait
  await gate.open();
  expect((await host.answer(first)).result.success).toBe(true);
  expect((await host.answer(waiting)).result.output.count).toBe(2);
});

test("E3: a call that is done in time is not disturbed by its deadline, nor is the next one", async () => {
  await using host = await watchingHost();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const other = await host.load("hostile");
  expect((await call(host, handle, "count", { timeoutMs: 1000 })).result.output.count).toBe(1);
  const next = await startAtGate(host, handle, gate);
  await call(host, other, "hang", { timeoutMs: 1100 }); // the first call's deadline is past
  await gate.open();
  expect((await host.answer(next)).result.output.count).toBe(2);
});

test("E3: the calls behind one that timed out go on in order", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const late = await begin(host, handle, "hang", { timeoutMs: 50 });
  const behind = [1, 2, 3].map(() => start(host, handle, "count"));
  expect((await host.answer(late)).error?.data.kind).toBe("PLUGIN_TIMEOUT");
  const counts = await Promise.all(behind.map(async (id) => (await host.answer(id)).result.output.count));
  expect(counts).toEqual([1, 2, 3]);
});
