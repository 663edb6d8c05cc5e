// X1 to X7 where it is a matter of how many, how fast and how long; what each message is, the transcripts say.

import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { call, cancel, listed, start } from "../support/calls.ts";
import { Host, type Message } from "../support/host.ts";
import { addReporter, PluginDirectory } from "../support/plugin-directory.ts";

const MEBIBYTE = 1024 * 1024;
const INTERVAL_MS = 20;

let plugins: PluginDirectory;

beforeAll(async () => {
  plugins = new PluginDirectory();
  await addReporter(plugins);
  await addReporter(plugins, "parallel-reporter", { thread_safe: true });
});
afterAll(() => plugins[Symbol.dispose]());

async function reportingHost(notifications: readonly string[], args: readonly string[] = []): Promise<Host> {
  const host = new Host({ args, trust: [plugins.path] });
  await host.result("initialize", { notifications });
  return host;
}

async function loadReporter(host: Host, name = "reporter"): Promise<string> {
  return (await host.result("plugin/load", { name })).handle;
}

function valuesOf(host: Host, id: number): unknown[] {
  const outputs = host.messages.filter(({ method, params }) => method === "plugin/output" && params?.requestId === id);
  return outputs.map(({ params }) => params?.value);
}

function reportsOf(host: Host): { percentage: number; done: number }[] {
  const values = host.messages.filter(({ method }) => method === "$/progress").map(({ params }) => params?.value);
  return values.filter((value) => (value as { kind: string }).kind === "report") as {
    percentage: number;
    done: number;
  }[];
}

test("X3: of a million reports some are sent, rising, and the last", async () => {
  await using host = await reportingHost(["progress"]);
  const handle = await loadReporter(host);
  const begun = performance.now();
  await call(host, handle, "report-often", { progressToken: 1 });
  const mostReports = (performance.now() - begun) / INTERVAL_MS + 2;
  const reports = reportsOf(host);
  expect(reports.length).toBeLessThanOrEqual(mostReports);
  expect(reports.map(({ done }) => done)).toEqual(reports.map(({ done }) => done).toSorted((a, b) => a - b));
  expect(reports.at(-1)).toMatchObject({ done: 1_000_000, percentage: 100 });
});

test("X3: of reports without a pause one comes again and again", async () => {
  await using host = await reportingHost(["progress"]);
  const handle = await loadReporter(host);
  const id = start(host, handle, "report-without-pause", { progressToken: 1, cancelGraceMs: 60_000 });
  await host.until(() => reportsOf(host).length >= 25);
  cancel(host, id);
  expect((await host.answer(id)).error?.data.kind).toBe("REQUEST_CANCELLED");
  expect((await listed(host, handle)).stats).toMatchObject({ crashes: 0, restarts: 0 });
});

test("X3: what was reported last is sent while the plugin says nothing more", async () => {
  await using host = await reportingHost(["progress"]);
  const handle = await loadReporter(host);
  const id = start(host, handle, "report-often-and-rest", { progressToken: 1, cancelGraceMs: 60_000 });
  await host.until(({ params }) => (params?.value as { done?: number } | undefined)?.done === 1_000_000);
  cancel(host, id);
  expect((await host.answer(id)).error?.data.kind).toBe("REQUEST_CANCELLED");
});

test.each([
  [29, 100, 29],
  [57, 100, 57],
  [999, 1000, 99],
])("X3: %d of %d are %d %", async (done, total, percentage) => {
  await using host = await reportingHost(["progress"]);
  const handle = await loadReporter(host);
  await call(host, handle, "", { input: { do: "report-numbers", done, total }, progressToken: 1 });
  expect(reportsOf(host)).toEqual([{ kind: "report", percentage, done, total }]);
});

test("X3: what was reported last is sent before the end of a call that crashes, too", async () => {
  await using host = await reportingHost(["progress"]);
  const handle = await loadReporter(host);
  const { error } = await call(host, handle, "report-twice-and-crash", { progressToken: 1 });
  expect(error?.data.kind).toBe("PLUGIN_CRASHED");
  expect(
    host.messages.filter(({ method }) => method === "$/progress").map(({ params }) => params?.value),
  ).toMatchObject([
    { kind: "begin" },
    ...(reportsOf(host).length > 1 ? [{ done: 1 }] : []),
    { done: 2 },
    { kind: "end" },
  ]);
});

test("X6: a text that ends inside a character says so, unless it was cut there", async () => {
  await using host = await reportingHost(["log"]);
  const handle = await loadReporter(host);
  await call(host, handle, "log-halves");
  const texts = host.messages.filter(({ method }) => method === "plugin/log").map(({ params }) => params?.text);
  expect(texts).toEqual(["half \ufffd", "x".repeat(16 * 1024 - 1)]);
});

const LOOK_MS = 25;
const QUIET_LOOKS = 20;

function waitsForAPipe(pid: number): boolean {
  return readFileSync(`/proc/${pid}/wchan`, "utf8").includes("pipe_write");
}

/** Waits until the process waits for a pipe to be read, and nothing happens to that for a while. */
async function untilItWaits(pid: number): Promise<void> {
  const written = () => /wchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1];
  for (let quiet = 0, before = written(); quiet < QUIET_LOOKS; ) {
    await setTimeout(LOOK_MS);
    const now = written();
    quiet = now === before && waitsForAPipe(pid) ? quiet + 1 : 0;
    before = now;
  }
}

function memoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

test("X5: the plugin waits for a host that does not read, and nothing is lost", { timeout: 120_000 }, async () => {
  const COUNT = 1_000_000;
  await using host = await reportingHost(["output"]);
  const handle = await loadReporter(host);
  await call(host, handle, "emit-numbers", { input: { do: "emit-numbers", count: 1000 } });
  const { pid } = await listed(host, handle);
  const before = memoryOf(host.child.pid as number);
  (host.child.stdout as Readable).pause();
  const values: number[] = [];
  const id = start(host, handle, "", { input: { do: "emit-numbers", count: COUNT } });
  await untilItWaits(pid);
  expect(memoryOf(host.child.pid as number) - before).toBeLessThan(16 * MEBIBYTE);
  host.onMessage = ({ method, params }: Message) => {
    if (method === "plugin/output" && params?.requestId === id) values.push(params.value as number);
    return method !== "plugin/output";
  };
  (host.child.stdout as Readable).resume();
  expect((await host.answer(id)).result.success).toBe(true);
  expect(values.length).toBe(COUNT);
  expect(values.every((value, index) => value === index)).toBe(true);
});

test("X5: others do not wait for a plugin that has much to hand over to a host that reads", async () => {
  await using host = await reportingHost(["output"]);
  const [busy, other] = [await loadReporter(host), await loadReporter(host)];
  host.onMessage = ({ method }) => method !== "plugin/output";
  const id = start(host, busy, "", { input: { do: "emit-numbers", count: 1_000_000 } });
  for (let i = 0; i < 20; i++) expect((await call(host, other, "count")).result.output.count).toBe(i + 1);
  cancel(host, id);
  await host.answer(id);
});

test("X7: a deadline reaches a plugin that waits for its host to read, and it keeps its process", async () => {
  await using host = await reportingHost(["output"]);
  const handle = await loadReporter(host);
  const { pid } = await listed(host, handle);
  (host.child.stdout as Readable).pause();
  host.onMessage = ({ method }) => method !== "plugin/output";
  const id = start(host, handle, "", {
    input: { do: "emit-numbers", count: 3_000_000 },
    timeoutMs: 5000,
    cancelGraceMs: 60_000,
  });
  await untilItWaits(pid);
  await vi.waitUntil(() => !waitsForAPipe(pid), { timeout: 60_000 });
  (host.child.stdout as Readable).resume();
  expect((await host.answer(id)).error?.data.kind).toBe("PLUGIN_TIMEOUT");
  expect((await call(host, handle, "count")).result.output).toEqual({ count: 2, pid });
  expect((await listed(host, handle)).stats).toMatchObject({ timeouts: 1, discarded: 1, crashes: 0, restarts: 0 });
});

function waitsForACall(pid: number): boolean {
  return readFileSync(`/proc/${pid}/wchan`, "utf8").includes("pipe_read");
}

test("E3, X5: a call that is done in time has its result, though its host reads late", async () => {
  const TIMEOUT_MS = 4000;
  await using host = await reportingHost(["output"]);
  const handle = await loadReporter(host);
  const { pid } = await listed(host, handle);
  host.onMessage = ({ method }) => method !== "plugin/output";
  (host.child.stdout as Readable).pause();
  // More than the host's pipe takes, and so little more that the plugin need not wait.
  const id = start(host, handle, "", { input: { do: "emit-numbers", count: 7000 }, timeoutMs: TIMEOUT_MS });
  await expect.poll(() => waitsForACall(pid)).toBe(true);
  await setTimeout(TIMEOUT_MS);
  (host.child.stdout as Readable).resume();
  expect((await host.answer(id)).result?.success).toBe(true);
});

test("X7: a call that stops in time ends nothing, though its host reads late and another call hands much over", async () => {
  const [TIMEOUT_MS, GRACE_MS] = [1000, 200];
  await using host = await reportingHost(["output"], ["--concurrency=2"]);
  const handle = await loadReporter(host, "parallel-reporter");
  const { pid } = await listed(host, handle);
  host.onMessage = ({ method }) => method !== "plugin/output";
  const stopping = start(host, handle, "until-stopped", { timeoutMs: TIMEOUT_MS, cancelGraceMs: GRACE_MS });
  const streaming = start(host, handle, "", { input: { do: "emit-numbers", count: 1_000_000 } });
  (host.child.stdout as Readable).pause();
  await setTimeout(TIMEOUT_MS + 5 * GRACE_MS);
  (host.child.stdout as Readable).resume();
  expect((await host.answer(stopping)).error?.data.kind).toBe("PLUGIN_TIMEOUT");
  expect((await host.answer(streaming)).result?.success).toBe(true);
  expect(await listed(host, handle)).toMatchObject({ pid, stats: { timeouts: 1, discarded: 1, restarts: 0 } });
});

test("X4: partial results of many calls at once are each of their own call, in order", async () => {
  await using host = await reportingHost(["output"], ["--concurrency=4"]);
  const handle = await loadReporter(host, "parallel-reporter");
  const ids = [1, 2, 3, 4, 5, 6, 7, 8].map(() =>
    start(host, handle, "", { input: { do: "emit-numbers", count: 500 } }),
  );
  for (const id of ids) await host.answer(id);
  for (const id of ids) {
    expect(valuesOf(host, id)).toEqual(Array.from({ length: 500 }, (_, i) => i));
    const last = host.messages.findLastIndex(
      ({ method, params }) => method === "plugin/output" && params?.requestId === id,
    );
    expect(last).toBeLessThan(host.messages.findIndex((message) => message.id === id));
  }
});

test("X4, M13: --portable-json holds for partial results, and by default they pass as they are", async () => {
  await using portable = await reportingHost(["output"], ["--portable-json"]);
  const refused = await call(portable, await loadReporter(portable), "emit-unportable");
  expect(refused.error?.data).toMatchObject({
    kind: "INVALID_RESULT",
    problem: expect.stringContaining("partial result 2"),
  });
  expect(valuesOf(portable, refused.id as number)).toEqual([1e308]);
  await using host = await reportingHost(["output"]);
  const passed = await call(host, await loadReporter(host), "emit-unportable");
  expect(passed.result.success).toBe(true);
  expect(host.messages.filter(({ text }) => text.endsWith('"value":1e400}}'))).toHaveLength(1);
});

test("X4: a large partial result arrives whole, between small ones", async () => {
  await using host = await reportingHost(["output"]);
  const handle = await loadReporter(host);
  const input = { do: "emit-large", bytes: 8 * MEBIBYTE };
  const id = start(host, handle, "", { input });
  expect((await host.answer(id)).result.output).toEqual({ taken: 1 });
  expect((valuesOf(host, id)[0] as string).length).toBe(8 * MEBIBYTE - 2);
});

test("X7: a drain waits for a call that stops, and no longer than the drain", async () => {
  await using host = await reportingHost(["progress"], ["--drain-ms=200"]);
  const handle = await loadReporter(host);
  const id = start(host, handle, "never", { progressToken: 1, cancelGraceMs: 600_000 });
  await host.until(({ method }) => method === "$/progress");
  cancel(host, id);
  expect((await host.answer(id)).error?.data.kind).toBe("REQUEST_CANCELLED");
  expect(await host.finish()).toEqual({ status: 0, signal: null });
});

test("X7: force ends a plugin whose call is told to stop", async () => {
  await using host = await reportingHost(["progress"]);
  const handle = await loadReporter(host);
  const id = start(host, handle, "never", { progressToken: 1, cancelGraceMs: 600_000 });
  await host.until(({ method }) => method === "$/progress");
  cancel(host, id);
  await host.answer(id);
  expect(await host.result("plugin/unload", { handle, force: true })).toEqual({});
});

test("X7: a reload waits for a call that stops", async () => {
  await using host = await reportingHost(["progress"]);
  const handle = await loadReporter(host);
  const id = start(host, handle, "until-stopped", { progressToken: 1, cancelGraceMs: 600_000 });
  await host.until(({ method }) => method === "$/progress");
  cancel(host, id);
  expect((await host.result("plugin/reload", { handle })).handle).toBe(handle);
  expect((await call(host, handle, "count")).result.output.count).toBe(1);
  expect((await listed(host, handle)).stats).toMatchObject({ discarded: 1, restarts: 0 });
});

/** A host that hears everything, and its plugin that abuses the table. */
async function abused(variant = "hostile-table"): Promise<{ host: Host; handle: string }> {
  const host = new Host();
  await host.result("initialize", { notifications: ["progress", "output", "log"] });
  return { host, handle: await host.load(variant) };
}

test("X4: threads that are cancelled while they hand something over leave nothing half done", async () => {
  const { host, handle } = await abused();
  await using _ = host;
  const { id, result } = await call(host, handle, "cancel_threads");
  expect(result.success).toBe(true);
  expect(new Set(valuesOf(host, id as number))).toEqual(new Set(["partial"]));
  expect((await call(host, handle, "count")).result.output.count).toBe(2);
});

test("X1: a thread that goes on for a call that is over is not heard", async () => {
  const { host, handle } = await abused();
  await using _ = host;
  const { id } = await call(host, handle, "speak_after", { progressToken: 1 });
  const heard = host.messages.length;
  for (let i = 0; i < 10; i++) await call(host, handle, "count", { progressToken: `count ${i}` });
  const later = host.messages.slice(heard);
  expect(later.filter(({ method }) => method === "plugin/output" || method === "plugin/log")).toEqual([]);
  expect(later.filter(({ params }) => (params?.value as { kind?: string } | undefined)?.kind === "report")).toEqual([]);
  expect(valuesOf(host, id as number)[0]).toBe("partial");
});

test.each(["hostile-table", "hostile-table-thread-safe"])(
  "X7: many threads of %s hear that the call is to stop",
  async (variant) => {
    const { host, handle } = await abused(variant);
    await using _ = host;
    const { pid } = await listed(host, handle);
    const id = start(host, handle, "report_from_many_until_stopped", { progressToken: 1, cancelGraceMs: 60_000 });
    await host.until(({ params }) => (params?.value as { kind?: string } | undefined)?.kind === "report");
    cancel(host, id);
    expect((await host.answer(id)).error?.data.kind).toBe("REQUEST_CANCELLED");
    expect((await call(host, handle, "count")).result.output).toEqual({ count: 2, pid });
  },
);

test("X4, X5: large partial results to a slow reader", { timeout: 120_000 }, async () => {
  const { host, handle } = await abused();
  await using _ = host;
  const lengths: number[] = [];
  host.onMessage = ({ method, params }) => {
    if (method === "plugin/output") lengths.push(String(params?.value).length);
    return method !== "plugin/output";
  };
  expect((await call(host, handle, "emit_large")).result.success).toBe(true);
  expect(lengths).toEqual(Array(4).fill(64 * MEBIBYTE - 2));
});
