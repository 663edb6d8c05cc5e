// L2: shutdown and exit.

import { expect, test } from "vitest";
import { answered, listed, start, startAtGate } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import { gone, runs } from "../support/gone.ts";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { childrenOf } from "../support/processes.ts";

test("L2: shutdown waits for the call that runs and the calls that wait, and takes no new work", async () => {
  await using host = new Host();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const running = await startAtGate(host, handle, gate);
  const queued = start(host, handle, "count");
  const shutdown = host.start("shutdown");
  expect((await host.error("plugin/execute", { handle })).data.kind).toBe("SHUTTING_DOWN");
  expect(answered(host)).not.toContain(shutdown);

  await gate.open();
  expect((await host.answer(shutdown)).result).toEqual({});
  expect(answered(host).slice(-3)).toEqual([running, queued, shutdown]);
  expect((await host.answer(queued)).result.output.count).toBe(2);
});

test("L2: shutdown answers once the plugins are unloaded", async () => {
  await using host = new Host();
  const handles = [await host.load("counter"), await host.load("echo"), await host.load("parallel")];
  const pids = await Promise.all(handles.map(async (handle) => (await listed(host, handle)).pid));
  expect(pids.map(runs)).toEqual([true, true, true]);
  await host.result("shutdown");
  expect(pids.map(runs)).toEqual([false, false, false]);
});

test("L2: what is not done after --drain-ms is ended with SHUTTING_DOWN", async () => {
  await using host = new Host({ args: ["--drain-ms=50"] });
  const handle = await host.load("hostile");
  const { pid } = await listed(host, handle);
  const calls = [start(host, handle, "hang"), start(host, handle, "count")];
  const shutdown = host.start("shutdown");
  for (const id of calls) {
    const { error } = await host.answer(id);
    expect([error?.code, error?.data.kind]).toEqual([-32026, "SHUTTING_DOWN"]);
  }
  expect((await host.answer(shutdown)).result).toEqual({});
  expect(runs(pid)).toBe(false);
  host.notify("exit");
  expect(await host.exit()).toEqual({ status: 0, signal: null });
});

test("L2: a load that is not done after --drain-ms is ended with SHUTTING_DOWN", async () => {
  await using host = new Host({ args: ["--drain-ms=50"] });
  const load = host.start("plugin/load", { path: plugin("hangs-at-load") });
  await host.result("shutdown");
  expect((await host.answer(load)).error?.data.kind).toBe("SHUTTING_DOWN");
});

test.each([
  ["plugin/load", { path: plugin("counter") }],
  ["plugin/execute", { handle: "counter-1" }],
  ["plugin/list", {}],
  ["plugin/discover", {}],
  ["initialize", {}],
  ["shutdown", {}],
])("L2: after shutdown %s gets SHUTTING_DOWN", async (method, params) => {
  await using host = new Host();
  await host.result("shutdown");
  expect((await host.error(method, params)).data.kind).toBe("SHUTTING_DOWN");
});

test("L2: shutdown with unknown params is refused and does not shut down", async () => {
  await using host = new Host();
  expect((await host.error("shutdown", { now: true })).data.kind).toBe("INVALID_PARAMS");
  await host.load("counter");
});

test("L2: exit ends with status 0 after shutdown, though stdin stays open", async () => {
  await using host = new Host();
  await host.load("counter");
  await host.result("shutdown");
  host.notify("exit");
  expect(await host.exit()).toEqual({ status: 0, signal: null });
});

test("L2: exit ends with status 1 without shutdown", async () => {
  await using host = new Host();
  await host.load("counter");
  const workers = childrenOf(host.child.pid as number);
  host.notify("exit");
  expect(await host.exit()).toEqual({ status: 1, signal: null });
  await gone(...workers);
});

test("L2, M6: exit without shutdown waits for no call, and each still gets its answer", async () => {
  await using host = new Host({ args: ["--drain-ms=2147483647"] });
  const handle = await host.load("hostile");
  const calls = [start(host, handle, "hang"), start(host, handle, "count")];
  host.notify("exit");
  expect(await host.closed()).toEqual({ status: 1, signal: null });
  for (const id of calls) expect((await host.answer(id)).error?.data.kind).toBe("SHUTTING_DOWN");
});

test("L2: exit right behind shutdown waits for it", async () => {
  await using host = new Host();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const calls = [start(host, handle, "wait_at_gate", gate.input), start(host, handle, "count")];
  await gate.reached();
  calls.push(host.start("shutdown"));
  host.notify("exit");
  await host.error("plugin/list"); // so both have arrived
  await gate.open();
  expect(await host.closed()).toEqual({ status: 0, signal: null });
  for (const id of calls) expect((await host.answer(id)).error).toBeUndefined();
});

test("L2: the end of stdin after shutdown is as good as exit", async () => {
  await using host = new Host();
  await host.result("shutdown");
  expect(await host.end()).toEqual({ status: 0, signal: null });
});
