// A worker that does not get ready: the load fails and says why, nothing is left, and later loads have their own chance.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { call, cancel, watchingHost } from "../support/calls.ts";
import { shippedWorker } from "../support/hand-worker.ts";
import { Host, type HostOptions } from "../support/host.ts";
import { fixturesDirectory, plugin, projectRoot } from "../support/paths.ts";
import { childrenOf, gone } from "../support/processes.ts";
import { ProgramCopy } from "../support/program-copy.ts";

/** A program whose workers do not get ready until they may. */
class Reluctant implements Disposable {
  private readonly copy = new ProgramCopy();
  private readonly directory = mkdtempSync(join(tmpdir(), "dlrpc-reluctant-"));
  private readonly until = join(this.directory, "until");
  readonly options: HostOptions;

  constructor(how: string) {
    this.copy.useWorker(join(dirname(fixturesDirectory), "failing-worker"));
    const env = { LC_WORKER: how, LC_WORKER_UNTIL: this.until, LC_WORKER_PROGRAM: shippedWorker };
    this.options = { program: this.copy.command, env };
  }

  may(): void {
    writeFileSync(this.until, "");
  }

  mayNot(): void {
    rmSync(this.until);
  }

  [Symbol.dispose](): void {
    this.copy[Symbol.dispose]();
    rmSync(this.directory, { recursive: true });
  }
}

const path = plugin("hostile");
const unavailable = (why: RegExp) => ({
  code: -32011,
  message: expect.stringMatching(why),
  data: { kind: "WORKER_UNAVAILABLE", plugin: "hostile", path },
});

describe("WORKER_UNAVAILABLE: a worker that", () => {
  test.each([
    ["exits", /^The process that the plugin is to run in did not start: it ended with status 3: it is not my day\n$/],
    ["kills itself", /did not start: it ended with SIGKILL/],
    ["speaks too soon", /did not start: it began with frame 17/],
  ])("%s", async (how, why) => {
    using reluctant = new Reluctant(how);
    await using host = new Host(reluctant.options);
    expect(await host.error("plugin/load", { path })).toEqual(unavailable(why));
    await expect.poll(() => childrenOf(host.child.pid as number)).toEqual([]);
    expect(await host.result("plugin/list")).toEqual({ plugins: [] });
    reluctant.may();
    expect((await call(host, await host.load("hostile"), "count")).result.output.count).toBe(1);
  });

  test.each([
    ["the load's own", [], { timeoutMs: 300 }, 300],
    ["--timeout-ms", ["--timeout-ms=200"], {}, 200],
    ["30 s", [], {}, 30_000],
  ])("P5: hangs: it is given the load's time, %s", { timeout: 120_000 }, async (_, args, params, timeoutMs) => {
    using reluctant = new Reluctant("hangs");
    await using host = new Host({ ...reluctant.options, args });
    const load = host.start("plugin/load", { path, ...params });
    await expect.poll(() => childrenOf(host.child.pid as number).length).toBe(1);
    const workers = childrenOf(host.child.pid as number);
    expect((await host.answer(load)).error).toMatchObject({
      message: `The plugin was not loaded within ${timeoutMs} ms: its process was not ready by then`,
      data: { kind: "PLUGIN_TIMEOUT", plugin: "hostile", path, timeoutMs },
    });
    await gone(...workers);
  });

  test("P5, L2: hangs when it is started again: each start has the load's time, and dlrpc ends meanwhile", async () => {
    using reluctant = new Reluctant("hangs");
    reluctant.may();
    await using host = await watchingHost({ ...reluctant.options, args: ["--drain-ms=50"] });
    const quick = await host.load("hostile", { timeoutMs: 1000 });
    const slow = await host.load("hostile", { timeoutMs: 2_147_483_647 });
    reluctant.mayNot();
    await call(host, quick, "segv", { timeoutMs: 60_000 });
    expect((await call(host, quick, "count")).error?.data.kind).toBe("PLUGIN_QUARANTINED");
    await call(host, slow, "segv");
    const waiting = host.start("plugin/execute", { handle: slow, input: { do: "count" } });
    expect(await host.end()).toEqual({ status: 0, signal: null });
    expect((await host.answer(waiting)).error?.data.kind).toBe("SHUTTING_DOWN");
  });

  test("hangs: a load that waits for it can be cancelled, and ends with dlrpc", async () => {
    using reluctant = new Reluctant("hangs");
    await using host = new Host({ ...reluctant.options, args: ["--drain-ms=50"] });
    const cancelled = host.start("plugin/load", { path });
    await expect.poll(() => childrenOf(host.child.pid as number).length).toBe(1);
    const workers = childrenOf(host.child.pid as number);
    cancel(host, cancelled);
    expect((await host.answer(cancelled)).error?.data.kind).toBe("REQUEST_CANCELLED");
    await gone(...workers);

    const late = host.start("plugin/load", { path });
    await expect.poll(() => childrenOf(host.child.pid as number).length).toBe(1);
    const last = childrenOf(host.child.pid as number);
    await host.result("shutdown");
    expect((await host.answer(late)).error?.data.kind).toBe("SHUTTING_DOWN");
    await gone(...last);
  });

  test("is no program", async () => {
    using copy = new ProgramCopy();
    copy.useWorker(join(projectRoot, "LICENSE"));
    await using host = new Host({ program: copy.command });
    expect(await host.error("plugin/load", { path })).toEqual(unavailable(/did not start: posix_spawn of .*: ENOEXEC/));
  });
});

test("E6: a restart for which no worker gets ready counts as a crash", async () => {
  using reluctant = new Reluctant("exits");
  reluctant.may();
  await using host = await watchingHost(reluctant.options);
  const handle = await host.load("hostile");
  reluctant.mayNot();
  await call(host, handle, "segv");
  expect((await call(host, handle, "count")).error?.data.kind).toBe("PLUGIN_QUARANTINED");
  expect(host.stderr.match(/did not start again/g)).toHaveLength(2);
  reluctant.may();
  await host.result("plugin/reload", { handle });
  expect((await call(host, handle, "count")).result.output.count).toBe(1);
});
