// plugin/reload.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { libraryName } from "../../fixtures/plugins.ts";
import { call, cancel, exited, listed, start, startAtGate, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import type { Host, HostOptions } from "../support/host.ts";
import { LoadGate } from "../support/load-gate.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { childrenOf, isAlive } from "../support/processes.ts";

/** A plugin whose library can be exchanged. */
class Changing implements Disposable {
  private readonly directory = new PluginDirectory();
  readonly path: string;
  readonly options: HostOptions = { trust: [this.directory.path] };

  constructor(library: string) {
    this.path = this.directory.add("changing", { library });
  }

  /** Puts another fixture's library in place of the one that is there. @returns its hash */
  become(library: string): string {
    const file = this.directory.library(`changing/${libraryName("changing")}`, library);
    return `sha256-${createHash("sha256").update(readFileSync(file)).digest("base64")}`;
  }

  becomeJunk(): void {
    this.directory.file(`changing/${libraryName("changing")}`, "no library at all");
  }

  async load(host: Host, params: object = {}): Promise<string> {
    return (await host.result("plugin/load", { path: this.path, ...params })).handle;
  }

  [Symbol.dispose](): void {
    this.directory[Symbol.dispose]();
  }
}

/** Only the counter names its thread. */
const isCounter = expect.objectContaining({ thread: expect.any(Number) });

test("reload: earlier calls finish on the old code, later ones run on the new, under the same handle", async () => {
  using plugin = new Changing("hostile");
  await using host = await watchingHost(plugin.options);
  await using gate = new Gate();
  const handle = await plugin.load(host);
  const running = await startAtGate(host, handle, gate);
  const queued = start(host, handle, "count");
  const integrity = plugin.become("counter");
  const reload = host.start("plugin/reload", { handle });
  const later = [1, 2].map(() => start(host, handle, "count"));
  await gate.open();

  for (const id of [running, queued]) expect((await host.answer(id)).result.output).not.toEqual(isCounter);
  expect((await host.answer(queued)).result.output.count).toBe(2);
  const { result } = await host.answer(reload);
  const isolation = "process";
  expect(result).toMatchObject({ handle, integrity, isolation, path: plugin.path, metadata: { name: "counter" } });
  for (const [i, id] of later.entries()) {
    const { output } = (await host.answer(id)).result;
    expect(output).toEqual(isCounter);
    expect(output.count).toBe(i + 1);
  }
  expect((await host.result("plugin/metadata", { handle })).name).toBe("counter");
  expect(await listed(host, handle)).toMatchObject({ name: "counter", state: "ready" });
});

test("reload begins with fresh state in a new process, and ends the old one", async () => {
  await using host = await watchingHost();
  const handle = await host.load("counter");
  const count = async () => (await host.result("plugin/execute", { handle })).output;
  await count();
  const before = await count();
  await host.result("plugin/reload", { handle });
  const after = await count();
  expect([before.count, after.count]).toEqual([2, 1]);
  expect(after.pid).not.toBe(before.pid);
  const end = { handle, signal: null, exitCode: 0, reason: "reload", willRestart: false };
  expect(await exited(host, handle)).toEqual(end);
  expect(isAlive(before.pid)).toBe(false);
  expect((await listed(host, handle)).stats).toMatchObject({ calls: 3, crashes: 0, restarts: 0 });
});

test("reload keeps the config and the deadline of load", async () => {
  await using host = await watchingHost();
  const echo = await host.load("echo", { config: { kept: true } });
  await host.result("plugin/reload", { handle: echo });
  expect((await host.result("plugin/execute", { handle: echo })).output.context.config).toEqual({ kept: true });

  const hostile = await host.load("hostile", { timeoutMs: 1000 });
  await host.result("plugin/reload", { handle: hostile });
  expect((await call(host, hostile, "hang")).error?.data.timeoutMs).toBe(1000);
});

describe("reload: where the new code does not load the old one stays in service, and the error says so", () => {
  const broken: Record<string, string> = {
    "crashes-at-load": "PLUGIN_CRASHED",
    "exits-at-load": "PLUGIN_CRASHED",
    "no-execute": "SYMBOL_MISSING",
    "version-2": "ABI_MISMATCH",
    "metadata-null": "INVALID_METADATA",
    "undefined-symbol": "LIBRARY_LOAD_FAILED",
  };
  test.each([...Object.keys(broken), "junk"])("%s", async (library) => {
    using plugin = new Changing("hostile");
    await using host = await watchingHost(plugin.options);
    const handle = await plugin.load(host);
    const before = (await call(host, handle, "count")).result.output;
    if (library === "junk") plugin.becomeJunk();
    else plugin.become(library);
    const reload = host.start("plugin/reload", { handle });
    const behind = start(host, handle, "count");
    const { error } = await host.answer(reload);
    expect(error?.data).toMatchObject({ kind: broken[library] ?? "LIBRARY_LOAD_FAILED", handle });
    expect(error?.message).toContain("the old code stays in service");

    expect((await host.answer(behind)).result.output).toEqual({ count: 2, pid: before.pid });
    expect(await listed(host, handle)).toMatchObject({ name: "hostile", state: "ready", stats: { crashes: 0 } });
  });
});

test("reload: where the new code does not load a plugin stays in quarantine, and the error says so", async () => {
  using plugin = new Changing("hostile");
  await using host = await watchingHost(plugin.options);
  const handle = await plugin.load(host);
  for (let i = 0; i < 3; i++) await call(host, handle, "segv");
  plugin.becomeJunk();
  const error = await host.error("plugin/reload", { handle });
  expect(error.message).toContain("the plugin stays in quarantine");
  expect((await call(host, handle, "count")).error?.data.kind).toBe("PLUGIN_QUARANTINED");
  plugin.become("counter");
  await host.result("plugin/reload", { handle });
  expect((await call(host, handle, "count")).result.output).toEqual(isCounter);
});

test("T4: until it is reloaded a plugin that starts again runs the code that was loaded, whatever is on disk", async () => {
  using plugin = new Changing("hostile");
  await using host = await watchingHost(plugin.options);
  const handle = await plugin.load(host);
  plugin.become("counter");
  await call(host, handle, "segv");
  expect((await call(host, handle, "count")).result.output).toEqual({ count: 1, pid: expect.any(Number) });
  plugin.becomeJunk();
  await call(host, handle, "segv");
  expect((await call(host, handle, "count")).result.output).toEqual({ count: 1, pid: expect.any(Number) });
});

test("after a reload a plugin that starts again runs the new code", async () => {
  using plugin = new Changing("counter");
  await using host = await watchingHost(plugin.options);
  const handle = await plugin.load(host);
  plugin.become("hostile");
  await host.result("plugin/reload", { handle });
  await call(host, handle, "segv");
  const { output } = (await call(host, handle, "count")).result;
  expect(output).toEqual({ count: 1, pid: expect.any(Number) });
});

test("reload asks for the integrity that load asked for", async () => {
  using plugin = new Changing("hostile");
  await using host = await watchingHost(plugin.options);
  const { handle, integrity } = await host.result("plugin/load", { path: plugin.path });
  const pinned = await plugin.load(host, { integrity });
  const actual = plugin.become("counter");
  expect((await host.result("plugin/reload", { handle })).integrity).toBe(actual);
  const error = await host.error("plugin/reload", { handle: pinned });
  expect(error.data).toMatchObject({ kind: "INTEGRITY_FAILED", expected: integrity, actual });
  expect((await call(host, pinned, "count")).result.output).not.toEqual(isCounter);
});

test("a reload that hangs can be cancelled, and the old code stays in service", async () => {
  using plugin = new Changing("hostile");
  await using host = await watchingHost(plugin.options);
  const handle = await plugin.load(host);
  plugin.become("hangs-at-load");
  const reload = host.start("plugin/reload", { handle });
  const behind = start(host, handle, "count");
  cancel(host, reload);
  expect((await host.answer(reload)).error?.data.kind).toBe("REQUEST_CANCELLED");
  expect((await host.answer(behind)).result.output.count).toBe(1);
});

test("a reload that hangs is ended by unload with force, and leaves no process", async () => {
  using plugin = new Changing("hostile");
  await using host = await watchingHost(plugin.options);
  const handle = await plugin.load(host);
  plugin.become("hangs-at-load");
  const reload = host.start("plugin/reload", { handle });
  expect(await host.result("plugin/unload", { handle, force: true })).toEqual({});
  const { error } = await host.answer(reload);
  expect(error?.data.kind).toBe("REQUEST_CANCELLED");
  expect(error?.message).not.toContain("stays");
  const processes = () => childrenOf(host.child.pid as number).length;
  await expect.poll(processes, { timeout: 20_000 }).toBe(0);
});

test("several reloads in a row are done in order", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const ids = [1, 2, 3].flatMap(() => [host.start("plugin/reload", { handle }), start(host, handle, "count")]);
  const answers = await Promise.all(ids.map((id) => host.answer(id)));
  expect(answers.map(({ result }) => result.output?.count ?? result.handle)).toEqual([handle, 1, handle, 1, handle, 1]);
});

test("a reload waits for a restart that is on its way", async () => {
  await using gate = new LoadGate();
  await using host = await watchingHost({ env: gate.environment });
  const handle = await host.load("constructor-waits");
  gate.shut();
  await call(host, handle, "segv");
  await gate.reached();
  const reload = host.start("plugin/reload", { handle });
  const behind = start(host, handle, "count");
  expect(await listed(host, handle)).toMatchObject({ state: "restarting", queued: 1 });
  await gate.open();
  expect((await host.answer(reload)).result.handle).toBe(handle);
  expect((await host.answer(behind)).result.output.count).toBe(1);
});

test("a crash while a reload is on its way is healed by it", async () => {
  await using gate = new LoadGate();
  await using host = await watchingHost({ env: gate.environment });
  const handle = await host.load("constructor-waits");
  const { pid } = (await call(host, handle, "count")).result.output;
  gate.shut();
  const reload = host.start("plugin/reload", { handle });
  const behind = start(host, handle, "count");
  await gate.reached(); // it is the new code that stands there
  process.kill(pid, "SIGKILL");
  expect(await exited(host, handle)).toMatchObject({ reason: "crash", willRestart: true });
  await gate.open();
  expect((await host.answer(reload)).result.handle).toBe(handle);
  expect((await host.answer(behind)).result.output.count).toBe(1);
  expect(await listed(host, handle)).toMatchObject({ state: "ready", stats: { crashes: 1, restarts: 0 } });
});

test("a crash while a reload is on its way that then fails is followed by a restart", async () => {
  using plugin = new Changing("hostile");
  await using host = await watchingHost(plugin.options);
  const handle = await plugin.load(host);
  const { pid } = (await call(host, handle, "count")).result.output;
  plugin.become("hangs-at-load");
  const reload = host.start("plugin/reload", { handle });
  const behind = start(host, handle, "count");
  await host.result("plugin/list"); // both have been received
  process.kill(pid, "SIGKILL");
  expect(await exited(host, handle)).toMatchObject({ reason: "crash", willRestart: true });
  cancel(host, reload);
  expect((await host.answer(reload)).error?.data.kind).toBe("REQUEST_CANCELLED");
  expect((await host.answer(behind)).result.output.count).toBe(1);
  expect(await listed(host, handle)).toMatchObject({ state: "ready", stats: { crashes: 1, restarts: 1 } });
});
