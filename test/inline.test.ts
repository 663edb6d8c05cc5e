// E10: isolation "inline" runs a plugin inside dlrpc itself: faster, and not contained.

import { describe, expect, test } from "vitest";
import { answered, begin, call, cancel, listed, start, startAtGate, watchingHost } from "./support/calls.ts";
import { Gate } from "./support/gate.ts";
import { Host } from "./support/host.ts";
import { plugin } from "./support/paths.ts";

const inline = { isolation: "inline" };

test("E10: an inline plugin works, in the process of dlrpc", async () => {
  await using host = new Host();
  const { handle, isolation } = await host.result("plugin/load", { path: plugin("hostile"), ...inline });
  expect(isolation).toBe("inline");
  expect((await call(host, handle, "count")).result.output).toEqual({ count: 1, pid: host.child.pid });
  expect((await call(host, handle, "answer_null")).error?.data.kind).toBe("INVALID_RESULT");
  expect(await listed(host, handle)).toMatchObject({ isolation: "inline", pid: null, state: "ready" });
  expect(await host.result("plugin/unload", { handle })).toEqual({});
});

test("E10, P1: each inline handle has state of its own, also beside one in a process", async () => {
  await using host = new Host();
  const handles = [await host.load("counter", inline), await host.load("counter", inline), await host.load("counter")];
  for (const handle of handles) {
    for (const count of [1, 2, 3]) {
      expect((await host.result("plugin/execute", { handle })).output.count).toBe(count);
    }
  }
});

test("E10, E2: calls of an inline handle run in order, and those of a thread-safe one at once", async () => {
  await using host = new Host({ args: ["--concurrency", "3"] });
  const counter = await host.load("counter", inline);
  const ids = Array.from({ length: 100 }, () => host.start("plugin/execute", { handle: counter }));
  const counts = await Promise.all(ids.map(async (id) => (await host.answer(id)).result.output.count));
  expect(counts).toEqual(ids.map((_, i) => i + 1));

  const parallel = await host.load("parallel", inline);
  const met = [1, 2, 3].map(() => host.result("plugin/execute", { handle: parallel, input: { meet: 3 } }));
  expect((await Promise.all(met)).map(({ output }) => output.inside)).toEqual([3, 3, 3]);
});

/** How a call is ended while its code runs on, and what it is answered with. */
const ends: Record<string, { params: object; end?: typeof cancel; kind: string; timeouts: number }> = {
  deadline: { params: { timeoutMs: 500 }, kind: "PLUGIN_TIMEOUT", timeouts: 1 },
  cancellation: { params: {}, end: cancel, kind: "REQUEST_CANCELLED", timeouts: 0 },
};

describe("E10: a call is answered at once, but its handle stays busy until the code returns", () => {
  test.each(Object.keys(ends))("%s", async (name) => {
    const { params, end, kind, timeouts } = ends[name] as (typeof ends)[string];
    await using host = await watchingHost();
    await using gate = new Gate();
    const handle = await host.load("hostile", inline);
    const others = [await host.load("hostile", inline), await host.load("hostile")];
    const ended = await startAtGate(host, handle, gate, params);
    const behind = [1, 2].map(() => start(host, handle, "count"));
    end?.(host, ended);
    expect((await host.answer(ended)).error?.data).toMatchObject({ kind, handle });

    cancel(host, ended); // has its answer, so this is ignored
    for (const other of others) expect((await call(host, other, "count")).result.output.count).toBe(1);
    expect(await listed(host, handle)).toMatchObject({ state: "ready", running: 1, queued: 2 });
    expect(answered(host).some((id) => behind.includes(id as number))).toBe(false);

    await gate.open();
    const counts = await Promise.all(behind.map(async (id) => (await host.answer(id)).result.output.count));
    expect(counts).toEqual([2, 3]); // the state is still there
    expect(answered(host).filter((id) => id === ended)).toHaveLength(1);
    expect((await listed(host, handle)).stats).toMatchObject({ calls: 3, errors: 1, timeouts, restarts: 0 });
  });
});

test("E10: a wrong result of a call that had its answer is nobody's error", async () => {
  await using host = await watchingHost();
  await using gate = new Gate();
  const handle = await host.load("hostile", inline);
  const input = { ...gate.input.input, do: "wait_and_answer_null" };
  const late = start(host, handle, "", { input, timeoutMs: 100 });
  await gate.reached();
  expect((await host.answer(late)).error?.data.kind).toBe("PLUGIN_TIMEOUT");
  await gate.open();
  expect((await call(host, handle, "count")).result.output.count).toBe(2);
  expect((await listed(host, handle)).stats).toMatchObject({ errors: 1 });
});

test("E10: unload waits until the code returns, with force it does not", async () => {
  await using host = await watchingHost();
  await using gate = new Gate();
  const patient = await host.load("hostile", inline);
  const impatient = await host.load("hostile", inline);
  const ended = await startAtGate(host, patient, gate, { timeoutMs: 100 });
  const unload = host.start("plugin/unload", { handle: patient });
  await host.answer(ended);

  const hanging = await begin(host, impatient, "hang");
  const queued = start(host, impatient, "count");
  expect(await host.result("plugin/unload", { handle: impatient, force: true })).toEqual({});
  for (const id of [hanging, queued]) expect((await host.answer(id)).error?.data.kind).toBe("REQUEST_CANCELLED");

  expect(answered(host)).not.toContain(unload);
  await gate.open();
  expect((await host.answer(unload)).result).toEqual({});
});

describe("E10: dlrpc ends without waiting for code that does not return beyond --drain-ms", () => {
  test.each(["hang", "spin", "hang_blocking_signals"])("%s", async (what) => {
    await using host = await watchingHost({ args: ["--drain-ms", "50"] });
    const running = await begin(host, await host.load("hostile", inline), what);
    const late = await begin(host, await host.load("hostile", inline), what, { timeoutMs: 10 });
    expect((await host.answer(late)).error?.data.kind).toBe("PLUGIN_TIMEOUT");
    const shutdown = host.start("shutdown");
    expect((await host.answer(running)).error?.data.kind).toBe("SHUTTING_DOWN");
    expect((await host.answer(shutdown)).result).toEqual({});
    host.notify("exit");
    expect(await host.exit()).toEqual({ status: 0, signal: null });
  });

  test("at the end of input", async () => {
    await using host = await watchingHost({ args: ["--drain-ms", "50"] });
    const running = await begin(host, await host.load("hostile", inline), "spin");
    expect(await host.finish()).toEqual({ status: 0, signal: null });
    expect((await host.answer(running)).error?.data.kind).toBe("SHUTTING_DOWN");
  });
});

describe("E10: a crash of an inline plugin ends dlrpc", () => {
  const ends: Record<string, { status: number | null; signal: string | null }> = {
    segv: { status: null, signal: "SIGSEGV" },
    abort: { status: null, signal: "SIGABRT" },
    stack_overflow: { status: null, signal: "SIGSEGV" },
    exit_7: { status: 7, signal: null },
  };
  test.each(Object.keys(ends))("%s", async (what) => {
    await using host = new Host();
    start(host, await host.load("hostile", inline), what);
    expect(await host.exit()).toEqual(ends[what]);
  });
});

test("E10: what an inline plugin prints goes to the stderr of dlrpc, not into the protocol", async () => {
  await using host = new Host();
  const handle = await host.load("hostile", inline);
  expect((await call(host, handle, "print")).result.success).toBe(true);
  expect((await call(host, handle, "print_protocol")).result.success).toBe(true);
  expect((await host.finish()).status).toBe(0);
  expect(host.messages.map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(host.stderr).toContain("printed to stdout\n");
  expect(host.stderr).toContain("printed to stderr\n");
});
