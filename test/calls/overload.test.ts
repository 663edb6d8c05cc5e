// E7: how many calls may wait.

import { expect, test } from "vitest";
import { call, cancel, listed, start, startAtGate, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import { LoadGate } from "../support/load-gate.ts";

test("E7: one call more than --max-pending gets OVERLOADED at once, and the others are not disturbed", async () => {
  await using host = await watchingHost({ args: ["--max-pending", "2"] });
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const running = await startAtGate(host, handle, gate); // runs, so it does not wait
  const waiting = [1, 2].map(() => start(host, handle, "count"));
  const { error } = await call(host, handle, "count");
  expect(error?.code).toBe(-32024);
  expect(error?.data).toMatchObject({ kind: "OVERLOADED", handle });

  await gate.open();
  const counts = [running, ...waiting].map(async (id) => (await host.answer(id)).result.output.count);
  expect(await Promise.all(counts)).toEqual([1, 2, 3]);
});

test("E7: the limit is one of each handle", async () => {
  await using host = await watchingHost({ args: ["--max-pending", "1"] });
  await using gate = new Gate();
  const busy = await host.load("hostile");
  const other = await host.load("hostile");
  await startAtGate(host, busy, gate);
  const waiting = start(host, busy, "count");
  expect((await call(host, busy, "count")).error?.data.kind).toBe("OVERLOADED");
  expect((await call(host, other, "count")).result.success).toBe(true);
  await gate.open();
  expect((await host.answer(waiting)).result.success).toBe(true);
});

test("E7: a place is free again when a call has begun or is cancelled, and after a refusal as much as before", async () => {
  await using host = await watchingHost({ args: ["--max-pending", "1"] });
  await using gate = new Gate();
  const handle = await host.load("hostile");
  await startAtGate(host, handle, gate);
  for (let i = 0; i < 3; i++) {
    const waiting = start(host, handle, "count");
    expect((await call(host, handle, "count")).error?.data.kind).toBe("OVERLOADED");
    cancel(host, waiting);
    expect((await host.answer(waiting)).error?.data.kind).toBe("REQUEST_CANCELLED");
  }
  const last = start(host, handle, "count");
  await gate.open();
  expect((await host.answer(last)).result.output.count).toBe(2);
  for (let i = 0; i < 5; i++) expect((await call(host, handle, "count")).result.output.count).toBe(3 + i);
});

test("E7: reload and unload do not count as calls that wait", async () => {
  await using host = await watchingHost({ args: ["--max-pending", "1"] });
  await using gate = new Gate();
  const handle = await host.load("hostile");
  await startAtGate(host, handle, gate);
  const reload = host.start("plugin/reload", { handle });
  const behind = start(host, handle, "count");
  const unload = host.start("plugin/unload", { handle });
  await gate.open();
  expect((await host.answer(reload)).result.handle).toBe(handle);
  expect((await host.answer(behind)).result.output.count).toBe(1);
  expect((await host.answer(unload)).result).toEqual({});
});

test("E7: calls that wait for a restart count", async () => {
  await using gate = new LoadGate();
  await using host = await watchingHost({ args: ["--max-pending", "2"], env: gate.environment });
  const handle = await host.load("constructor-waits");
  gate.shut();
  await call(host, handle, "segv");
  await gate.reached();
  const waiting = [1, 2].map(() => start(host, handle, "count"));
  expect((await call(host, handle, "count")).error?.data.kind).toBe("OVERLOADED");
  expect(await listed(host, handle)).toMatchObject({ state: "restarting", queued: 2 });
  await gate.open();
  for (const id of waiting) expect((await host.answer(id)).result.success).toBe(true);
});
