// E4: $/cancelRequest.

import { expect, test } from "vitest";
import { answered, begin, call, cancel, exited, listed, start, startAtGate, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import { Host } from "../support/host.ts";
import { isAlive } from "../support/processes.ts";

test("E4: a queued call is removed, is answered at once, and never runs", async () => {
  await using host = new Host();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const running = await startAtGate(host, handle, gate);
  const [first, second, third] = [1, 2, 3].map(() => start(host, handle, "count")) as [number, number, number];
  cancel(host, second);
  const { error } = await host.answer(second);
  expect(error?.code).toBe(-32800);
  expect(error?.data).toMatchObject({ kind: "REQUEST_CANCELLED", handle });
  expect(await listed(host, handle)).toMatchObject({ running: 1, queued: 2 });
  expect(answered(host)).not.toContain(running);

  await gate.open();
  expect((await host.answer(first)).result.output.count).toBe(2);
  expect((await host.answer(third)).result.output.count).toBe(3);
  expect((await listed(host, handle)).stats).toMatchObject({ calls: 3, crashes: 0, restarts: 0 });
});

test("E4: a running call is answered at once, its process is ended, the calls behind it go on in a new one", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const { pid } = (await call(host, handle, "count")).result.output;
  const running = await begin(host, handle, "hang_blocking_signals");
  const behind = [1, 2].map(() => start(host, handle, "count"));
  cancel(host, running);
  expect((await host.answer(running)).error?.data).toMatchObject({ kind: "REQUEST_CANCELLED", handle });
  expect(await exited(host, handle)).toMatchObject({ signal: "SIGKILL", reason: "cancelled", willRestart: true });
  expect(isAlive(pid)).toBe(false);
  const counts = await Promise.all(behind.map(async (id) => (await host.answer(id)).result.output.count));
  expect(counts).toEqual([1, 2]);
  expect((await listed(host, handle)).stats).toMatchObject({ crashes: 0, restarts: 1, timeouts: 0 });
});

test("E4: a cancellation of what is finished or unknown is ignored", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const finished = start(host, handle, "count");
  await host.answer(finished);
  await using gate = new Gate();
  const running = await startAtGate(host, handle, gate);
  for (const id of [finished, 4711, "no such id", null]) host.notify("$/cancelRequest", { id });
  host.notify("$/cancelRequest", {});
  host.notify("$/cancelRequest");
  await host.result("plugin/list"); // all have been received
  await gate.open();
  expect((await host.answer(running)).result.output.count).toBe(2);
  expect(answered(host).filter((id) => id === finished)).toHaveLength(1);
  expect(answered(host)).not.toContain(null);
});

test("E4: a second cancellation of one call changes nothing, and it has one answer", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const running = await begin(host, handle, "hang");
  cancel(host, running);
  cancel(host, running);
  const next = start(host, handle, "count");
  expect((await host.answer(next)).result.output.count).toBe(1);
  expect(answered(host).filter((id) => id === running)).toHaveLength(1);
});

test('E4, M3: the ids 1 and "1" are two calls', async () => {
  await using host = new Host();
  await using gate = new Gate();
  const handle = await host.load("hostile"); // its id was 1, and is free again
  await startAtGate(host, handle, gate);
  for (const id of ["1", '"1"', "1.0"]) {
    const params = JSON.stringify({ handle, input: { do: "count" } });
    host.send(`{"jsonrpc":"2.0","id":${id},"method":"plugin/execute","params":${params}}`);
  }
  cancel(host, "1");
  const cancelled = await host.until(({ text }) => text.startsWith('{"jsonrpc":"2.0","id":"1","error"'));
  expect(cancelled.error?.data.kind).toBe("REQUEST_CANCELLED");
  expect(await listed(host, handle)).toMatchObject({ running: 1, queued: 2 });

  await gate.open();
  const whole = await host.until(({ text }) => text.startsWith('{"jsonrpc":"2.0","id":1,"result":{"success"'));
  const decimal = await host.until(({ text }) => text.startsWith('{"jsonrpc":"2.0","id":1.0,"result"'));
  expect([whole.result.output.count, decimal.result.output.count]).toEqual([2, 3]);
});

test("E4: cancelling a running call of one handle leaves the others alone", async () => {
  await using host = await watchingHost();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const other = await host.load("hostile");
  const running = await startAtGate(host, other, gate);
  const doomed = await begin(host, handle, "spin");
  cancel(host, doomed);
  await host.answer(doomed);
  await gate.open();
  expect((await host.answer(running)).result.success).toBe(true);
});

test("E4: a queued reload and unload wait no longer for a call that was cancelled in front of them", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const running = await begin(host, handle, "hang");
  const reload = host.start("plugin/reload", { handle });
  const unload = host.start("plugin/unload", { handle });
  cancel(host, running);
  expect((await host.answer(reload)).result.handle).toBe(handle);
  expect((await host.answer(unload)).result).toEqual({});
});
