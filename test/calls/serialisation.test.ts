// E2: which calls run one after the other, and which at once.

import { expect, test } from "vitest";
import { answered, begin, call, listed, start, startAtGate, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import { Host, type Message } from "../support/host.ts";
import { threadsOf } from "../support/processes.ts";

/** Of a progress notification: whether a call begins or ends. */
function kindOf(params: Message["params"]): string | undefined {
  return (params?.value as { kind: string } | undefined)?.kind;
}

test("E2: the calls of a handle run and are answered in the order in which they were received", async () => {
  await using host = new Host();
  const handle = await host.load("counter");
  const ids = Array.from({ length: 500 }, () => host.start("plugin/execute", { handle }));
  const answers = await Promise.all(ids.map((id) => host.answer(id)));
  expect(answers.map(({ result }) => result.output.count)).toEqual(ids.map((_, i) => i + 1));
  expect(answered(host).slice(1)).toEqual(ids); // behind the answer of load
});

test("E2: the calls of a plugin that is not thread-safe never overlap", async () => {
  await using host = await watchingHost({ args: ["--concurrency", "8"] });
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const inside = await startAtGate(host, handle, gate);
  const behind = [1, 2, 3].map((n) => start(host, handle, "count", { progressToken: `behind ${n}` }));
  expect(await listed(host, handle)).toMatchObject({ running: 1, queued: 3 });
  expect(host.messages.some(({ method }) => method === "$/progress")).toBe(false);

  await gate.open();
  for (const id of [inside, ...behind]) await host.answer(id);
  const steps = host.messages.flatMap(({ id, params }) => {
    if (params?.token !== undefined) return [`${kindOf(params)} ${params.token}`];
    return behind.includes(id as number) ? [`answer ${behind.indexOf(id as number) + 1}`] : [];
  });
  const each = (n: number) => [`begin behind ${n}`, `end behind ${n}`, `answer ${n}`];
  expect(steps).toEqual([1, 2, 3].flatMap(each));
});

test("E2: all calls of a handle run in one process, on one thread where it is not thread-safe", async () => {
  await using host = new Host({ args: ["--concurrency", "8"] });
  const handle = await host.load("counter");
  const ids = Array.from({ length: 50 }, () => host.start("plugin/execute", { handle }));
  const outputs = (await Promise.all(ids.map((id) => host.answer(id)))).map(({ result }) => result.output);
  expect(new Set(outputs.map(({ pid, thread }) => `${pid} ${thread}`)).size).toBe(1);

  await using single = new Host({ args: ["--concurrency", "1"] });
  const { output } = await single.result("plugin/execute", { handle: await single.load("counter") });
  expect(threadsOf(outputs[0].pid)).toBe(threadsOf(output.pid)); // there is none that could serve another call
});

test("E2: while one handle is busy another answers, also one of the same plugin", async () => {
  await using host = new Host();
  await using gate = new Gate();
  const busy = await host.load("hostile");
  const others = [await host.load("hostile"), await host.load("counter")];
  const inside = await startAtGate(host, busy, gate);
  for (const other of others) expect((await call(host, other, "count")).result.output.count).toBe(1);
  expect(answered(host)).not.toContain(inside);

  await gate.open();
  expect((await host.answer(inside)).result.success).toBe(true);
});

test("E2: calls of two handles are inside their plugins at the same time", async () => {
  await using host = new Host();
  await using first = new Gate();
  await using second = new Gate();
  const one = start(host, await host.load("hostile"), "wait_at_gate", first.input);
  const two = start(host, await host.load("hostile"), "wait_at_gate", second.input);
  await Promise.all([first.reached(), second.reached()]);
  await second.open();
  await host.answer(two);
  expect(answered(host)).not.toContain(one);
  await first.open();
  await host.answer(one);
});

/** Starts a call of `parallel` that returns once `count` calls are inside at once. */
function meet(host: Host, handle: string, count: number): number {
  return host.start("plugin/execute", { handle, input: { meet: count } });
}

test("E2: as many calls of a thread-safe plugin as --concurrency says run at once, in one instance", async () => {
  await using host = new Host({ args: ["--concurrency", "5"] });
  const handle = await host.load("parallel");
  const ids = Array.from({ length: 5 }, () => meet(host, handle, 5));
  const outputs = (await Promise.all(ids.map((id) => host.answer(id)))).map(({ result }) => result.output);
  expect(outputs.map(({ inside }) => inside)).toEqual([5, 5, 5, 5, 5]);
  expect(new Set(outputs.map(({ instance }) => instance)).size).toBe(1);
});

test("E2: no more calls of a thread-safe plugin run at once than --concurrency says", async () => {
  await using host = await watchingHost({ args: ["--concurrency", "3"] });
  const handle = await host.load("hostile-thread-safe");
  await using gate = new Gate();
  const inside = await startAtGate(host, handle, gate);
  await begin(host, handle, "hang");
  await begin(host, handle, "hang");
  start(host, handle, "count");
  const last = start(host, handle, "count");
  expect(await listed(host, handle)).toMatchObject({ running: 3, queued: 2 });

  await gate.open(); // the one thread that is free then serves the two that wait
  await host.answer(inside);
  expect((await host.answer(last)).result.output.count).toBe(5);
});

test("E2: the calls of a thread-safe plugin begin in the order in which they were received", async () => {
  await using host = await watchingHost({ args: ["--concurrency", "3"] });
  const handle = await host.load("hostile-thread-safe");
  const tokens = Array.from({ length: 50 }, (_, i) => i);
  const ids = tokens.map((progressToken) => start(host, handle, "count", { progressToken }));
  for (const id of ids) await host.answer(id);
  const begun = host.messages.flatMap(({ params }) => (kindOf(params) === "begin" ? [params?.token] : []));
  expect(begun).toEqual(tokens);
});

test("E2: with --concurrency 1 the calls of a thread-safe plugin run one at a time", async () => {
  await using host = new Host({ args: ["--concurrency", "1"] });
  const handle = await host.load("parallel");
  const ids = Array.from({ length: 20 }, () => meet(host, handle, 1));
  const answers = await Promise.all(ids.map((id) => host.answer(id)));
  expect(answers.map(({ result }) => result.output.peak)).toEqual(ids.map(() => 1));
});
