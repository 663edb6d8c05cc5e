// plugin/unload.

import { describe, expect, test } from "vitest";
import { answered, begin, call, exited, start, startAtGate, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import { gone } from "../support/gone.ts";
import { Host } from "../support/host.ts";
import { LoadGate } from "../support/load-gate.ts";
import { childrenOf, isAlive } from "../support/processes.ts";

test("unload ends the plugin's process, and no other", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const other = await host.load("hostile");
  const { pid } = (await call(host, handle, "count")).result.output;
  expect(await host.result("plugin/unload", { handle })).toEqual({});
  expect(isAlive(pid)).toBe(false);
  const end = { handle, signal: null, exitCode: 0, reason: "unload", willRestart: false };
  expect(await exited(host, handle)).toEqual(end);
  expect((await call(host, other, "count")).result.output.count).toBe(1);
  expect((await host.result("plugin/list")).plugins.map((plugin: { handle: string }) => plugin.handle)).toEqual([
    other,
  ]);
});

test("unload waits behind the calls already queued; from its receipt on the handle is unknown", async () => {
  await using host = await watchingHost();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const running = await startAtGate(host, handle, gate);
  const queued = [1, 2].map(() => start(host, handle, "count"));
  const unload = host.start("plugin/unload", { handle });
  for (const method of ["plugin/execute", "plugin/metadata", "plugin/reload", "plugin/unload"]) {
    expect((await host.error(method, { handle })).data).toMatchObject({ kind: "UNKNOWN_HANDLE", handle });
  }
  expect((await host.result("plugin/list")).plugins).toEqual([]);

  await gate.open();
  const counts = [running, ...queued].map(async (id) => (await host.answer(id)).result.output.count);
  expect(await Promise.all(counts)).toEqual([1, 2, 3]);
  expect((await host.answer(unload)).result).toEqual({});
  expect(answered(host).slice(-4)).toEqual([running, ...queued, unload]);
});

test("unload with force ends what runs and what waits with REQUEST_CANCELLED", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const { pid } = (await call(host, handle, "count")).result.output;
  const running = await begin(host, handle, "hang_blocking_signals");
  const queued = start(host, handle, "count");
  const reload = host.start("plugin/reload", { handle });
  const unload = host.start("plugin/unload", { handle, force: true });
  for (const id of [running, queued, reload]) {
    expect((await host.answer(id)).error?.data).toMatchObject({ kind: "REQUEST_CANCELLED", handle });
  }
  expect((await host.answer(unload)).result).toEqual({});
  expect(isAlive(pid)).toBe(false);
  expect(await exited(host, handle)).toMatchObject({ reason: "unload", willRestart: false });
});

test("P2: a handle that was unloaded is never used again", async () => {
  await using host = new Host();
  const seen = new Set<string>();
  for (let i = 0; i < 5; i++) {
    const handle = await host.load("counter");
    await host.result("plugin/unload", { handle });
    expect((await host.error("plugin/unload", { handle })).data.kind).toBe("UNKNOWN_HANDLE");
    seen.add(handle);
  }
  expect(seen.size).toBe(5);
});

test("a plugin that does not end in order is killed", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const { pid } = (await call(host, handle, "count")).result.output;
  await call(host, handle, "hang_at_exit");
  expect(await host.result("plugin/unload", { handle })).toEqual({});
  expect(isAlive(pid)).toBe(false);
  expect(await exited(host, handle)).toMatchObject({ signal: "SIGKILL", reason: "unload" });
});

test("a plugin that crashes when it is unloaded is unloaded", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  await call(host, handle, "crash_at_exit");
  expect(await host.result("plugin/unload", { handle })).toEqual({});
  const end = { signal: "SIGABRT", reason: "unload", willRestart: false };
  expect(await exited(host, handle)).toMatchObject(end);
});

describe("a plugin without a process", () => {
  test("in quarantine can be unloaded", async () => {
    await using host = await watchingHost();
    const handle = await host.load("hostile");
    for (let i = 0; i < 3; i++) await call(host, handle, "segv");
    expect(await host.result("plugin/unload", { handle })).toEqual({});
    expect((await host.result("plugin/list")).plugins).toEqual([]);
  });

  test.each([false, true])("that is starting again can be unloaded at once, force: %s", async (force) => {
    await using gate = new LoadGate();
    await using host = await watchingHost({ env: gate.environment });
    const handle = await host.load("constructor-waits");
    gate.shut();
    await call(host, handle, "segv");
    await gate.reached();
    const starting = childrenOf(host.child.pid as number);
    expect(await host.result("plugin/unload", { handle, force })).toEqual({});
    await gone(...starting); // nothing is left behind
    expect(starting).toHaveLength(1);
    expect((await host.result("plugin/list")).plugins).toEqual([]);
  });

  test("that is starting again is unloaded behind its queue; with force its queue is cancelled", async () => {
    await using gate = new LoadGate();
    await using host = await watchingHost({ env: gate.environment });
    const handle = await host.load("constructor-waits");
    const second = await host.load("constructor-waits");
    gate.shut();
    await call(host, handle, "segv");
    await gate.reached();
    const queued = start(host, handle, "count");
    const unload = host.start("plugin/unload", { handle });
    await host.result("plugin/list");
    expect(answered(host)).not.toContain(unload);
    await gate.open();
    expect((await host.answer(queued)).result.output.count).toBe(1);
    expect((await host.answer(unload)).result).toEqual({});

    gate.shut();
    await call(host, second, "segv");
    await gate.reached();
    const doomed = start(host, second, "count");
    expect(await host.result("plugin/unload", { handle: second, force: true })).toEqual({});
    expect((await host.answer(doomed)).error?.data.kind).toBe("REQUEST_CANCELLED");
  });
});
