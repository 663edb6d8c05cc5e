// E6: a plugin that keeps crashing is not started any more.

import { expect, test } from "vitest";
import { begin, call, cancel, exited, listed, start, startAtGate, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import type { Host } from "../support/host.ts";
import { LoadGate } from "../support/load-gate.ts";
import { childrenOf } from "../support/processes.ts";

async function crash(host: Host, handle: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) expect((await call(host, handle, "segv")).error?.data.kind).toBe("PLUGIN_CRASHED");
}

test("E6: after three crashes calls get PLUGIN_QUARANTINED, until plugin/reload", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  await crash(host, handle, 3);
  expect(await exited(host, handle, 2)).toMatchObject({ willRestart: true });
  expect(await exited(host, handle, 3)).toMatchObject({ willRestart: false });
  const { error } = await call(host, handle, "count");
  expect(error?.code).toBe(-32025);
  expect(error?.data).toMatchObject({ kind: "PLUGIN_QUARANTINED", handle, plugin: "hostile" });
  expect(await listed(host, handle)).toMatchObject({ state: "quarantined", pid: null, running: 0, queued: 0 });
  expect((await host.result("plugin/metadata", { handle })).name).toBe("hostile");

  expect((await host.result("plugin/reload", { handle })).handle).toBe(handle);
  expect((await call(host, handle, "count")).result.output.count).toBe(1);
  expect(await listed(host, handle)).toMatchObject({ state: "ready", stats: { crashes: 3, restarts: 2 } });
});

test("E6: a reload begins the count anew", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  await crash(host, handle, 2);
  await host.result("plugin/reload", { handle });
  await crash(host, handle, 2);
  expect((await call(host, handle, "count")).result.success).toBe(true);
  await crash(host, handle, 1);
  expect((await call(host, handle, "count")).error?.data.kind).toBe("PLUGIN_QUARANTINED");
});

test("E6: the calls that are queued at the third crash get PLUGIN_QUARANTINED", async () => {
  await using host = await watchingHost();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  await crash(host, handle, 2);
  await startAtGate(host, handle, gate);
  const third = start(host, handle, "segv");
  const queued = [1, 2, 3].map(() => start(host, handle, "count"));
  await gate.open();
  expect((await host.answer(third)).error?.data.kind).toBe("PLUGIN_CRASHED");
  for (const id of queued) expect((await host.answer(id)).error?.data.kind).toBe("PLUGIN_QUARANTINED");
});

test("E6: a reload that is queued among calls releases those behind it, not those before it", async () => {
  await using host = await watchingHost();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  await crash(host, handle, 2);
  await startAtGate(host, handle, gate);
  start(host, handle, "segv");
  const before = start(host, handle, "count");
  const reload = host.start("plugin/reload", { handle });
  const behind = [1, 2].map(() => start(host, handle, "count"));
  await gate.open();
  expect((await host.answer(before)).error?.data.kind).toBe("PLUGIN_QUARANTINED");
  expect((await host.answer(reload)).result.handle).toBe(handle);
  const counts = await Promise.all(behind.map(async (id) => (await host.answer(id)).result.output.count));
  expect(counts).toEqual([1, 2]);
});

test("E6: a reload of what is in quarantine and the calls behind it need not be waited for", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  await crash(host, handle, 3);
  const before = start(host, handle, "count");
  host.start("plugin/reload", { handle });
  const behind = start(host, handle, "count");
  expect((await host.answer(before)).error?.data.kind).toBe("PLUGIN_QUARANTINED");
  expect((await host.answer(behind)).result.output.count).toBe(1);
});

test("E6: crashes between calls count, too", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  for (let nth = 1; nth <= 3; nth++) {
    expect((await call(host, handle, "crash_after")).result.success).toBe(true);
    await exited(host, handle, nth);
  }
  expect((await call(host, handle, "count")).error?.data.kind).toBe("PLUGIN_QUARANTINED");
});

test("E6: a process that does not start again counts as a crash", async () => {
  await using gate = new LoadGate();
  await using host = await watchingHost({ env: gate.environment });
  const handle = await host.load("constructor-waits");
  gate.shut();
  await crash(host, handle, 1);
  await gate.reached();
  for (const starting of childrenOf(host.child.pid as number)) process.kill(starting, "SIGKILL");
  await gate.open();
  expect((await call(host, handle, "count")).result.output.count).toBe(1); // in the process after that
  await crash(host, handle, 1);
  expect((await call(host, handle, "count")).error?.data.kind).toBe("PLUGIN_QUARANTINED");
});

test("E6: deadlines and cancellations do not count", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  for (let i = 0; i < 3; i++) {
    expect((await call(host, handle, "hang", { timeoutMs: 20 })).error?.data.kind).toBe("PLUGIN_TIMEOUT");
    const running = await begin(host, handle, "hang");
    cancel(host, running);
    expect((await host.answer(running)).error?.data.kind).toBe("REQUEST_CANCELLED");
  }
  await crash(host, handle, 2);
  expect((await call(host, handle, "count")).result.output.count).toBe(1);
  expect((await listed(host, handle)).stats).toMatchObject({ crashes: 2, timeouts: 3, restarts: 8 });
});

test("E6: the crashes of one handle are no other's, not even of the same plugin", async () => {
  await using host = await watchingHost();
  const handles = [await host.load("hostile"), await host.load("hostile")] as const;
  for (const handle of handles) await crash(host, handle, 2);
  for (const handle of handles) expect((await call(host, handle, "count")).result.success).toBe(true);
});
