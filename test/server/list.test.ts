// plugin/list, and handles that it does not list.

import { describe, expect, test } from "vitest";
import { begin, call, cancel, listed, start, startAtGate, watchingHost } from "../support/calls.ts";
import { Gate, LoadGate } from "../support/gate.ts";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { isAlive } from "../support/processes.ts";
import { shareHost } from "../support/shared-host.ts";

test("list is empty before the first load, and then in the order of the loads", async () => {
  await using host = new Host();
  expect(await host.result("plugin/list")).toEqual({ plugins: [] });
  const handles = [await host.load("hostile"), await host.load("counter"), await host.load("hostile")];
  const { plugins } = await host.result("plugin/list");
  expect(plugins.map(({ handle }: { handle: string }) => handle)).toEqual(handles);
});

test("list has every member, before the first call and after it", async () => {
  await using host = new Host();
  const handle = await host.load("counter");
  const stats = { calls: 0, errors: 0, crashes: 0, restarts: 0, timeouts: 0, discarded: 0, p50Ms: null, p99Ms: null };
  const fresh = await listed(host, handle);
  expect(fresh).toEqual({
    handle,
    name: "counter",
    version: "1.0.0",
    path: plugin("counter"),
    state: "ready",
    isolation: "process",
    permissions: null,
    pid: expect.any(Number),
    running: 0,
    queued: 0,
    stats: { ...stats, rssBytes: expect.any(Number) },
  });
  expect(isAlive(fresh.pid)).toBe(true);
  expect(fresh.stats.rssBytes).toBeGreaterThan(1024 * 1024);

  const { output } = await host.result("plugin/execute", { handle });
  expect(output.pid).toBe(fresh.pid);
  const after = (await listed(host, handle)).stats;
  expect(after).toMatchObject({ calls: 1, p50Ms: expect.any(Number), p99Ms: expect.any(Number) });
  expect(after.p50Ms).toBeGreaterThan(0);
  expect(after.p99Ms).toBeGreaterThanOrEqual(after.p50Ms);
});

test("list says how many calls run and how many wait", async () => {
  await using host = await watchingHost({ args: ["--concurrency", "2"] });
  await using gate = new Gate();
  const one = await host.load("hostile");
  const many = await host.load("hostile-thread-safe");
  await startAtGate(host, one, gate);
  for (const handle of [one, many, many, many]) start(host, handle, "hang");
  expect(await listed(host, one)).toMatchObject({ state: "ready", running: 1, queued: 1 });
  expect(await listed(host, many)).toMatchObject({ state: "ready", running: 2, queued: 1 });
});

test("list: ready, restarting, ready again, quarantined, ready after reload", async () => {
  await using gate = new LoadGate();
  await using host = await watchingHost({ env: gate.environment });
  const handle = await host.load("constructor-waits");
  const before = await listed(host, handle);
  gate.shut();
  await call(host, handle, "segv");
  await gate.reached();
  const restarting = await listed(host, handle);
  expect(restarting).toMatchObject({
    state: "restarting",
    pid: null,
    running: 0,
    stats: { rssBytes: null, restarts: 1 },
  });
  await gate.open();
  const { pid } = (await call(host, handle, "count")).result.output;
  expect(await listed(host, handle)).toMatchObject({ state: "ready", pid });
  expect(before.pid).not.toBe(pid);

  for (let i = 0; i < 2; i++) await call(host, handle, "segv");
  expect(await listed(host, handle)).toMatchObject({ state: "quarantined", pid: null, stats: { rssBytes: null } });
  await host.result("plugin/reload", { handle });
  expect(await listed(host, handle)).toMatchObject({ state: "ready", pid: expect.any(Number) });
});

test("list counts calls, errors, crashes, restarts and timeouts", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const stats = async () => (await listed(host, handle)).stats;

  await call(host, handle, "answer_failure"); // the plugin's own failure is a normal response
  expect(await stats()).toMatchObject({ calls: 1, errors: 0, crashes: 0, restarts: 0, timeouts: 0 });
  await call(host, handle, "answer_null");
  expect(await stats()).toMatchObject({ calls: 2, errors: 1, crashes: 0, restarts: 0, timeouts: 0 });
  await call(host, handle, "hang", { timeoutMs: 20 });
  expect(await stats()).toMatchObject({ calls: 3, errors: 2, crashes: 0, restarts: 1, timeouts: 1 });
  const running = await begin(host, handle, "hang");
  cancel(host, running);
  await host.answer(running);
  expect(await stats()).toMatchObject({ calls: 4, errors: 3, crashes: 0, restarts: 2, timeouts: 1 });
  await call(host, handle, "segv");
  expect(await stats()).toMatchObject({ calls: 5, errors: 4, crashes: 1, restarts: 3, timeouts: 1 });
  await call(host, handle, "count");
  expect(await stats()).toMatchObject({ calls: 6, errors: 4, crashes: 1, restarts: 3, timeouts: 1 });
});

describe("UNKNOWN_HANDLE, from every method that takes a handle", () => {
  const shared = shareHost();

  test.each(["plugin/metadata", "plugin/execute", "plugin/unload", "plugin/reload"])("%s", async (method) => {
    const { host } = shared;
    const unloaded = await host.load("counter");
    await host.load("counter");
    await host.result("plugin/unload", { handle: unloaded });
    for (const handle of [unloaded, "never-1", "", "__proto__"]) {
      const error = await host.error(method, { handle });
      expect(error.code).toBe(-32020);
      expect(error.data).toMatchObject({ kind: "UNKNOWN_HANDLE", handle });
    }
    for (const params of [{}, { handle: 1 }, { handle: null }]) {
      const { data } = await host.error(method, params);
      expect(data).toMatchObject({ kind: "INVALID_PARAMS", issues: [{ path: "handle" }] });
    }
  });
});
