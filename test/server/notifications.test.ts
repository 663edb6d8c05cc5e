// Section 4, "Notifications to the host", and M8: nothing that was not asked for.

import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { expect, test } from "vitest";
import { begin, call, cancel, exited, listed, start, startAtGate, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import { Host, type Message } from "../support/host.ts";

function notifications(host: Host, method?: string): Message[] {
  return host.messages.filter(
    (message) => message.method !== undefined && (method ?? message.method) === message.method,
  );
}

/** All that plugins have printed to a stream, as far as plugin/log has said. */
function textOf(host: Host, stream: string): string {
  const logs = notifications(host, "plugin/log").filter(({ params }) => params?.stream === stream);
  return logs.map(({ params }) => params?.text).join("");
}

/** Waits until a plugin has printed just this to a stream. */
async function printed(host: Host, stream: string, text: string): Promise<void> {
  await host.until(() => textOf(host, stream) === text);
}

/** Has every notification sent that there is to send. */
async function causeEverything(host: Host): Promise<void> {
  const handle = await host.load("hostile");
  await call(host, handle, "print", { progressToken: 1 });
  await call(host, handle, "segv", { progressToken: 2 });
  await call(host, handle, "hang", { progressToken: 3, timeoutMs: 20 });
  await host.result("plugin/reload", { handle });
  await host.result("plugin/unload", { handle });
  await host.load("echo");
  await host.finish();
}

test("M8: without initialize there are answers only", async () => {
  await using host = new Host();
  await causeEverything(host);
  expect(notifications(host)).toEqual([]);
});

test("M8: initialize without notifications asks for none", async () => {
  await using host = new Host();
  await host.result("initialize", {});
  await causeEverything(host);
  expect(notifications(host)).toEqual([]);
});

test.each([
  ["log", "plugin/log"],
  ["exited", "plugin/exited"],
  ["progress", "$/progress"],
])("M8: who asks for %s gets %s and nothing else", async (wanted, method) => {
  await using host = new Host();
  await host.result("initialize", { notifications: [wanted] });
  await causeEverything(host);
  expect([...new Set(notifications(host).map((message) => message.method))]).toEqual([method]);
});

test("plugin/log brings what a plugin prints while it prints, with the request that it belongs to", async () => {
  await using host = await watchingHost();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const requestId = start(host, handle, "print_and_wait", gate.at("print_and_wait"));
  await printed(host, "stdout", "printed to stdout\n");
  await printed(host, "stderr", "printed to stderr\n");
  for (const { params } of notifications(host, "plugin/log")) {
    expect(params).toEqual({ handle, stream: expect.stringMatching("std"), text: expect.any(String), requestId });
  }
});

test("plugin/log names the request as it was written (M3)", async () => {
  await using host = await watchingHost();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const params = JSON.stringify({ handle, ...gate.at("print_and_wait") });
  host.send(`{"jsonrpc":"2.0","id":9007199254740993.0,"method":"plugin/execute","params":${params}}`);
  await printed(host, "stdout", "printed to stdout\n");
  for (const { text } of notifications(host, "plugin/log")) expect(text).toContain('"requestId":9007199254740993.0');
});

test("plugin/log names no request where several run that may have printed", async () => {
  await using host = await watchingHost({ args: ["--concurrency=2"] });
  await using gate = new Gate();
  const handle = await host.load("hostile-thread-safe");
  await startAtGate(host, handle, gate);
  await using other = new Gate();
  start(host, handle, "print_and_wait", other.at("print_and_wait"));
  await printed(host, "stdout", "printed to stdout\n");
  for (const { params } of notifications(host, "plugin/log")) expect(params).not.toHaveProperty("requestId");
});

test("N1: what a call printed comes before its answer, and names it, also when the next call follows at once", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const ids = Array.from({ length: 500 }, () => host.start("plugin/execute", { handle, input: { do: "print" } }));
  await Promise.all(ids.map((id) => host.answer(id)));
  const order = host.messages.flatMap(({ method, params, id }) => {
    if (method === "plugin/log") return [`${params?.text} of ${params?.requestId}`];
    return typeof id === "number" && ids.includes(id) ? [`answer to ${id}`] : [];
  });
  const expected = ids.flatMap((id) => [
    `printed to stdout\n of ${id}`,
    `printed to stderr\n of ${id}`,
    `answer to ${id}`,
  ]);
  expect([...order].sort()).toEqual([...expected].sort());
  for (const [at, line] of order.entries()) {
    const id = / (\d+)$/.exec(line)?.[1];
    expect(at).toBeLessThanOrEqual(order.indexOf(`answer to ${id}`));
  }
});

test("plugin/log brings lines whole, though printf makes them of pieces", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  await call(host, handle, "print_lines");
  await host.finish();
  const texts = notifications(host, "plugin/log").map(({ params }) => params?.text as string);
  expect(texts.filter((text) => !text.endsWith("\n"))).toEqual([]);
  expect(texts.join("").split("\n")).toHaveLength(101);
});

test("plugin/log brings what a plugin has not ended with a line end, at the latest when it is unloaded", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  await call(host, handle, "print_unfinished");
  await host.result("plugin/unload", { handle });
  expect(textOf(host, "stdout")).toBe("printed without a line end");
});

test("plugin/log brings a crashing plugin's last words before plugin/exited and the answer", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const id = start(host, handle, "segv");
  await host.answer(id);
  const about = host.messages.filter((message) => message.method !== undefined || message.id === id);
  expect(about.map(({ method }) => method)).toEqual(["plugin/log", undefined, "plugin/exited"]);
  expect(about[0]?.params).toEqual({ handle, stream: "stderr", text: "about to fall\n", requestId: id });
});

test("plugin/log brings everything that a plugin floods", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  expect((await call(host, handle, "flood")).result.success).toBe(true);
  await host.finish();
  const logs = notifications(host, "plugin/log").map(({ params }) => params as { text: string; droppedBytes?: number });
  const bytes = logs.map(({ text, droppedBytes = 0 }) => text.length + droppedBytes);
  expect(bytes.reduce((sum, count) => sum + count)).toBe(2 * 64 * 1024 * 1024);
});

test("N1, W7: while the host does not read, what a plugin floods is dropped, and counted to the byte", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const { pid } = await listed(host, handle);
  const stdout = host.child.stdout as Readable;
  const flood = 2 * 64 * 1024 * 1024;
  stdout.pause();
  start(host, handle, "flood");
  await expect.poll(() => writtenBytes(pid)).toBeGreaterThan(flood);
  stdout.resume();
  await host.finish();
  const logs = notifications(host, "plugin/log").map(({ params }) => params as { text: string; droppedBytes?: number });
  const sum = (count: (log: (typeof logs)[number]) => number) => logs.reduce((total, log) => total + count(log), 0);
  const [told, dropped] = [sum(({ text }) => text.length), sum(({ droppedBytes = 0 }) => droppedBytes)];
  expect(told + dropped).toBe(flood);
  expect(dropped).toBeGreaterThan(told);
});

/** How much a process has written to whatever it has open (Linux: proc(5)). */
function writtenBytes(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
}

test("plugin/exited tells a crash by signal, and that the plugin is started again", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  await call(host, handle, "segv");
  const end = { handle, signal: "SIGSEGV", exitCode: null, reason: "crash", willRestart: true };
  expect(await exited(host, handle)).toEqual(end);
});

test("plugin/exited tells a crash by status; the third within a minute is the last (E6)", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  for (const nth of [1, 2, 3]) {
    await call(host, handle, "exit_7");
    const end = { handle, signal: null, exitCode: 7, reason: "crash", willRestart: nth < 3 };
    expect(await exited(host, handle, nth)).toEqual(end);
  }
});

test("plugin/exited tells a deadline", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  await call(host, handle, "hang", { timeoutMs: 20 });
  const end = { handle, signal: "SIGKILL", exitCode: null, reason: "timeout", willRestart: true };
  expect(await exited(host, handle)).toEqual(end);
});

test("plugin/exited tells a cancellation", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  cancel(host, await begin(host, handle, "hang"));
  const end = { handle, signal: "SIGKILL", exitCode: null, reason: "cancelled", willRestart: true };
  expect(await exited(host, handle)).toEqual(end);
});

test.each([
  ["in order", false, { signal: null, exitCode: 0 }],
  ["by force", true, { signal: "SIGKILL", exitCode: null }],
])("plugin/exited tells an unload %s", async (_, force, how) => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  if (force) await begin(host, handle, "hang");
  await host.result("plugin/unload", { handle, force });
  expect(await exited(host, handle)).toEqual({ handle, ...how, reason: "unload", willRestart: false });
});

test("plugin/exited tells a reload: it is the old code that has ended, the new code runs already", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  await host.result("plugin/reload", { handle });
  const end = { handle, signal: null, exitCode: 0, reason: "reload", willRestart: false };
  expect(await exited(host, handle)).toEqual(end);
});

test("plugin/exited tells the shutdown, before that is answered (L2)", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  await host.result("shutdown");
  const end = { handle, signal: null, exitCode: 0, reason: "shutdown", willRestart: false };
  expect(notifications(host).map(({ params }) => params)).toEqual([end]);
});

test("plugin/exited tells the end that comes with the end of stdin, for every plugin", async () => {
  await using host = await watchingHost();
  const handles = [await host.load("counter"), await host.load("echo")];
  await host.finish();
  const ends = notifications(host, "plugin/exited").map(({ params }) => [params?.handle, params?.reason]);
  expect(ends.sort()).toEqual(handles.map((handle) => [handle, "shutdown"]));
});

test.each([7, "a token"])(
  "$/progress begins when the call does and ends before its answer (token %j)",
  async (token) => {
    await using host = await watchingHost();
    const handle = await host.load("counter");
    const id = host.start("plugin/execute", { handle, progressToken: token });
    await host.answer(id);
    const said = host.messages.slice(-3).map(({ method, params, id }) => (method === undefined ? id : params));
    expect(said).toEqual([{ token, value: { kind: "begin" } }, { token, value: { kind: "end" } }, id]);
  },
);

test.each(["segv", "hang", "answer_null"])("$/progress ends for a call that fails, too (%s)", async (what) => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  await call(host, handle, what, { progressToken: "t", timeoutMs: 100 });
  const kinds = notifications(host, "$/progress").map(({ params }) => params?.value);
  expect(kinds).toEqual([{ kind: "begin" }, { kind: "end" }]);
});

test("$/progress is silent for a call that never begins, and for one without a token", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const running = start(host, handle, "hang");
  const queued = start(host, handle, "count", { progressToken: "t" });
  cancel(host, queued);
  await host.answer(queued);
  cancel(host, running);
  await host.answer(running);
  await host.finish();
  expect(notifications(host, "$/progress")).toEqual([]);
});
