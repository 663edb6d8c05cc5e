// The rules that SPEC.md added to the first draft of the protocol, each by a scenario.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, readlinkSync, realpathSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { START_DEADLINE_MS } from "../../src/plugin-table/start-plugin.ts";
import { begin, call, cancel, exited, listed, start, watchingHost } from "../support/calls.ts";
import { Host } from "../support/host.ts";
import { plugin, program } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { childrenOf, isAlive } from "../support/processes.ts";
import { spec } from "./spec.ts";

describe("L6: the statuses that dlrpc ends with", () => {
  test("0 behind shutdown, after the end of stdin, and after a signal", async () => {
    await using shut = new Host();
    await shut.result("shutdown");
    shut.notify("exit");
    expect(await shut.closed()).toEqual({ status: 0, signal: null });
    await using ended = new Host();
    expect(await ended.finish()).toEqual({ status: 0, signal: null });
    await using signalled = new Host();
    await signalled.result("plugin/list");
    signalled.child.kill("SIGHUP");
    expect(await signalled.closed()).toEqual({ status: 0, signal: null });
  });

  test("1 after exit without shutdown", async () => {
    await using host = new Host();
    host.notify("exit", [1]); // whatever its params: a notification is never answered (M4)
    expect(await host.closed()).toEqual({ status: 1, signal: null });
    expect(host.messages).toEqual([]);
  });

  test("2 where the command line is not understood", async () => {
    await using host = new Host({ args: ["--timeout-ms", "soon"] });
    expect(await host.closed()).toEqual({ status: 2, signal: null });
    expect(host.stderr).toContain("--timeout-ms");
  });

  test("74 where stdout is closed before the end", async () => {
    await using host = new Host();
    await host.result("plugin/list");
    host.child.stdout?.destroy();
    host.start("plugin/list");
    expect(await host.exit()).toEqual({ status: 74, signal: null });
  });

  test.each([
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("after a second %s %d", async (signal, status) => {
    await using host = await watchingHost();
    await begin(host, await host.load("hostile"), "hang");
    host.child.kill(signal);
    await host.until(({ error }) => error?.data.kind === "SHUTTING_DOWN" || probe(host));
    host.child.kill(signal);
    expect(await host.closed()).toEqual({ status, signal: null });
  });
});

/** Asks for something, so that an answer says whether the end has begun. */
function probe(host: Host): false {
  host.start("plugin/list");
  return false;
}

test.each([
  { who: "another process", processId: process.pid, ends: false },
  { who: "none", processId: null, ends: true },
])("L4: the end of the process that started dlrpc, where initialize names $who", async ({ processId, ends }) => {
  using directory = new PluginDirectory();
  const fifo = join(directory.path, "stdin");
  execFileSync("mkfifo", [fifo]);
  const stdin = openSync(fifo, "r+"); // held here: dlrpc must not take the end of its starter for the end of its input
  const starter = [
    "-c",
    'exec 3<&0; "$@" <&3 3<&- & wait',
    "sh",
    process.execPath,
    program,
    "serve",
    "--framing=lines",
  ];
  const child = spawn("sh", starter, { stdio: [stdin, "pipe", "ignore"] });
  const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
  const request = async (id: number, method: string, params: object = {}) => {
    writeSync(stdin, `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    return JSON.parse((await lines.next()).value ?? "null");
  };
  expect((await request(1, "initialize", { processId })).result).toBeDefined();
  const [dlrpc] = childrenOf(child.pid as number) as [number];
  child.kill("SIGKILL");
  await once(child, "exit");
  if (!ends) {
    await expect.poll(() => parentOf(dlrpc)).not.toBe(child.pid);
    for (let id = 2; id < 20; id++) expect((await request(id, "plugin/list")).result).toEqual({ plugins: [] });
    writeSync(stdin, '{"jsonrpc":"2.0","method":"exit"}\n');
  }
  expect(await lines.next()).toMatchObject({ done: true });
  await expect.poll(() => isAlive(dlrpc), { timeout: 10_000 }).toBe(false);
  closeSync(stdin);
});

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

describe("M10: memory is bounded by refusing", () => {
  test("a batch of more than 100000 messages is none", async () => {
    await using host = new Host();
    const message = '{"jsonrpc":"2.0","method":"none"}';
    host.send(`[${Array.from({ length: 100_000 }, () => message).join(",")}]`); // not answered
    host.send(`[${Array.from({ length: 100_001 }, () => message).join(",")}]`);
    const { error } = await host.until(({ id }) => id === null);
    expect(error?.data.kind).toBe("INVALID_REQUEST");
    expect(host.messages).toHaveLength(1);
  });

  test("what does not fit into 64 MiB is not taken, and the others are not disturbed", async () => {
    await using host = new Host({ args: ["--max-pending", "100000", "--max-message-bytes", "1000000"] });
    const handle = await host.load("hostile");
    const running = start(host, handle, "hang");
    const queued = Array.from({ length: 20_000 }, () => start(host, handle, "count"));
    const first = await host.until(({ error }) => error !== undefined);
    expect(first.error?.data.kind).toBe("OVERLOADED");
    expect(first.id).toBeGreaterThan(10_000);
    cancel(host, running);
    expect((await host.answer(queued[0] as number)).result).toBeDefined();
  });
});

describe("P4: a plugin is looked up by its name", () => {
  const named = (name: string) => ({ manifest: { name }, as: [`lib${name}.so`] });

  test("the directory of that name goes first, then the first whose plugin.json says it", async () => {
    using directory = new PluginDirectory();
    directory.add("b", named("sought"));
    directory.add("a", named("sought"));
    await using host = new Host({ trust: [directory.path] });
    expect((await host.result("plugin/load", { name: "sought" })).path).toBe(join(directory.path, "a"));
    directory.add("sought", named("other"));
    expect((await host.result("plugin/load", { name: "sought" })).path).toBe(join(directory.path, "sought"));
  });

  test("the trusted directories are searched in their order", async () => {
    using first = new PluginDirectory();
    using second = new PluginDirectory();
    second.add("sought");
    first.add("a", named("sought"));
    await using host = new Host({ trust: [first.path, second.path] });
    expect((await host.result("plugin/load", { name: "sought" })).path).toBe(join(first.path, "a"));
    const { data } = await host.error("plugin/load", { name: "nowhere" });
    expect(data).toMatchObject({ kind: "PATH_NOT_FOUND", searched: [first.path, second.path] });
  });
});

describe("P5: how long a load may take", () => {
  test("its own timeoutMs, else --timeout-ms, else 30 s", async () => {
    await using host = new Host({ args: ["--timeout-ms", "60"] });
    const path = plugin("hangs-at-load");
    const own = await host.error("plugin/load", { path, timeoutMs: 50 });
    expect(own.data).toMatchObject({ kind: "PLUGIN_TIMEOUT", timeoutMs: 50, path, plugin: "hostile" });
    expect((await host.error("plugin/load", { path })).data).toMatchObject({ kind: "PLUGIN_TIMEOUT", timeoutMs: 60 });
    expect(START_DEADLINE_MS).toBe(30_000);
  });

  test("a process that ends meanwhile is a crash of the load", async () => {
    await using host = new Host();
    const { data } = await host.error("plugin/load", { path: plugin("exits-at-load") });
    expect(data).toMatchObject({ kind: "PLUGIN_CRASHED", operation: "load", exitCode: 0, signal: null });
  });
});

describe("P6, P7: what a plugin finds in its process", () => {
  test("stdin is empty, the working directory is dlrpc's, the environment holds what is listed", async () => {
    const cwd = realpathSync(tmpdir());
    const env = { TZ: "UTC", LC_TIME: "C", NODE_OPTIONS: "", LD_BIND_NOW: "1", SECRET: "s", XDG_DATA_HOME: "/x" };
    await using host = new Host({ cwd, env });
    const handle = await host.load("counter");
    const { pid } = await listed(host, handle);
    expect(readlinkSync(`/proc/${pid}/fd/0`)).toBe("/dev/null");
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe(cwd);
    const names = readFileSync(`/proc/${pid}/environ`, "utf8")
      .split("\0")
      .map((entry) => entry.split("=")[0]);
    expect(names).toEqual(expect.arrayContaining(["PATH", "HOME", "TZ", "LC_TIME", "XDG_DATA_HOME"]));
    for (const hidden of ["NODE_OPTIONS", "LD_BIND_NOW", "SECRET", "DLRPC_TRUSTED_DIRS"])
      expect(names).not.toContain(hidden);
  });

  test("of the environment all that is listed, and nothing else", async () => {
    const rule = /^- \*\*P7\*\*.*?(?=^- \*\*P8)/ms.exec(spec)?.[0] ?? "";
    const listed = [...rule.matchAll(/`([A-Z_]+)(\*?)`/g)].map(([, name, rest]) => (rest === "" ? name : `${name}X`));
    const named = [...new Set(listed), "http_proxy", "https_proxy", "all_proxy", "no_proxy"] as string[];
    expect(named.length).toBeGreaterThan(20);
    const others = ["LD_BIND_NOW=1", "OPENSSL_CONF=/dev/null", "NODE_NO_WARNINGS=1", "SECRET=s"];
    const all = [...named.map((name) => `${name}=${tmpdir()}`), ...others];
    expect(await environmentOf(all, { network: true })).toEqual(named.toSorted());
    expect(await environmentOf(all, { profile: "none" })).toEqual(named.toSorted());
    const ofNetwork = /proxy$|^SSL_|^CURL_|^REQUESTS_|^GIT_|^NODE_/i;
    expect(await environmentOf(all, {})).toEqual(named.filter((name) => !ofNetwork.test(name)).toSorted());
    const set = ["DLRPC_PLUGIN_DIR", "GLIBC_TUNABLES", "TEMP", "TMP", "TMPDIR"];
    expect(await environmentOf(others, { network: true })).toEqual(set);
    expect(await environmentOf(others, { profile: "strict" })).toEqual([...set, "HOME"].toSorted());
  });
});

/** The names of the variables that a plugin finds where dlrpc has been given just these. */
async function environmentOf(assignments: readonly string[], sandbox: object): Promise<string[]> {
  await using host = new Host({ through: ["env", "-i", ...assignments] });
  const { pid } = await listed(host, await host.load("counter", { sandbox }));
  const entries = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").slice(0, -1);
  return entries.map((entry) => entry.split("=")[0] as string).toSorted();
}

test("D2: plugins are discovered by directory in the given order, then by name; what cannot be read holds none", async () => {
  using first = new PluginDirectory();
  using second = new PluginDirectory();
  for (const name of ["c", "a", "B"]) first.add(name);
  second.add("b");
  second.directory("no-plugin");
  const gone = join(first.path, "gone");
  await using host = new Host({ trust: [first.path, second.path, gone] });
  const paths = async (params: object) =>
    (await host.result("plugin/discover", params)).plugins.map(({ path }: { path: string }) => path);
  const inFirst = ["B", "a", "c"].map((name) => join(first.path, name));
  const inSecond = [join(second.path, "b")];
  expect(await paths({})).toEqual([...inFirst, ...inSecond]);
  expect(await paths({ dirs: [second.path, first.path] })).toEqual([...inSecond, ...inFirst]);
});

test("D3: a problem has a code, a severity, a message and perhaps a hint; errors decide whether a plugin is valid", async () => {
  using directory = new PluginDirectory();
  const odd = directory.add("odd", { manifest: { name: "Odd", version: "1", description: "x".repeat(1025) } });
  directory.library("odd/libOdd.so", "counter");
  const broken = directory.add("broken", { library: null });
  await using host = new Host();
  const warnings = await host.result("plugin/validate", { path: odd });
  expect(warnings.valid).toBe(true);
  expect(warnings.problems.map(({ code }: { code: string }) => code).toSorted()).toEqual([
    "DESCRIPTION_TOO_LONG",
    "NAME_NOT_PLAIN",
    "UNTRUSTED_PATH",
    "VERSION_NOT_SEMVER",
  ]);
  const errors = await host.result("plugin/validate", { path: broken });
  expect(errors.valid).toBe(false);
  for (const problem of [...warnings.problems, ...errors.problems]) {
    const severity = problem.code === "LIBRARY_NOT_FOUND" ? "error" : "warning";
    expect(problem).toEqual({
      code: expect.any(String),
      severity,
      message: expect.any(String),
      hint: expect.any(String),
    });
  }
  const missing = await host.result("plugin/validate", { path: "/nonexistent" });
  expect(missing).toMatchObject({ valid: false, problems: [{ code: "PATH_NOT_FOUND", severity: "error" }] });
});

test("N1: what a plugin writes comes as plugin/log with the request that it belongs to, and not for what is being loaded", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  await host.error("plugin/load", { path: plugin("crashes-at-load") });
  const id = start(host, handle, "print");
  await host.answer(id);
  await host.finish();
  const logs = host.messages.filter(({ method }) => method === "plugin/log").map(({ params }) => params);
  const text = (stream: string) =>
    logs
      .filter((log) => log?.stream === stream)
      .map((log) => log?.text)
      .join("");
  expect({ stdout: text("stdout"), stderr: text("stderr") }).toEqual({
    stdout: "printed to stdout\n",
    stderr: "printed to stderr\n",
  });
  for (const log of logs) expect(log).toMatchObject({ handle, requestId: id });
});

test("N2: plugin/exited says how a process ended, why, and whether another takes its place", async () => {
  await using host = await watchingHost();
  const ended = async (end: (handle: string) => Promise<unknown>) => {
    const handle = await host.load("hostile");
    await end(handle);
    const { signal, exitCode, reason, willRestart } = await exited(host, handle);
    return [signal, exitCode, reason, willRestart];
  };
  expect(await ended((handle) => call(host, handle, "exit_7"))).toEqual([null, 7, "crash", true]);
  expect(await ended((handle) => call(host, handle, "segv"))).toEqual(["SIGSEGV", null, "crash", true]);
  expect(await ended((handle) => call(host, handle, "hang", { timeoutMs: 50 }))).toEqual([
    "SIGKILL",
    null,
    "timeout",
    true,
  ]);
  const cancelled = async (handle: string) => cancel(host, await begin(host, handle, "hang"));
  expect(await ended(cancelled)).toEqual(["SIGKILL", null, "cancelled", true]);
  expect(await ended((handle) => host.result("plugin/reload", { handle }))).toEqual([null, 0, "reload", false]);
  expect(await ended((handle) => host.result("plugin/unload", { handle }))).toEqual([null, 0, "unload", false]);
  expect(await ended(() => host.result("shutdown"))).toEqual([null, 0, "shutdown", false]);
});

test("N3: $/progress begins when a call leaves the queue and ends right before its answer; what never begins has none", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const running = await begin(host, handle, "hang");
  const queued = start(host, handle, "count", { progressToken: "never" });
  cancel(host, queued);
  await host.answer(queued);
  cancel(host, running);
  await host.answer(running);
  const told = host.messages.filter(({ method }) => method === "$/progress").map(({ params }) => params);
  const token = expect.stringMatching(/^call \d+$/);
  expect(told).toEqual([
    { token, value: { kind: "begin" } },
    { token, value: { kind: "end" } },
  ]);
  const end = host.messages.findIndex(({ params }) => params === told[1]);
  expect(host.messages[end + 1]?.id).toBe(running);
});
