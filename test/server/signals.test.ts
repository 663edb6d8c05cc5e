// L4: the ends that nobody asks for on stdin: signals, a parent that is gone, SIGKILL.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { begin, start, startAtGate, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import { gone } from "../support/gone.ts";
import { Host } from "../support/host.ts";
import { fixturesDirectory, plugin, program } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { childrenOf } from "../support/processes.ts";
import { line } from "../support/run.ts";

const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
/** Resolves when the program refuses new work: the end has begun. */
async function closing(host: Host): Promise<void> {
  while ((await host.request("plugin/list")).error?.data.kind !== "SHUTTING_DOWN");
}

function workersOf(host: Host): number[] {
  return childrenOf(host.child.pid as number);
}

test.each(signals)("L4: %s acts as shutdown: calls finish, nothing new is taken, the status is 0", async (signal) => {
  await using host = new Host();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const workers = workersOf(host);
  const calls = [start(host, handle, "wait_at_gate", gate.input), start(host, handle, "count")];
  await gate.reached();
  host.child.kill(signal);
  await closing(host);
  await gate.open();
  expect(await host.closed()).toEqual({ status: 0, signal: null });
  for (const id of calls) expect((await host.answer(id)).result.success).toBe(true);
  await gone(...workers);
});

test.each(signals)("L4: after %s a call may go on for --drain-ms", async (signal) => {
  await using host = await watchingHost({ args: ["--drain-ms=50"] });
  const handle = await host.load("hostile");
  const workers = workersOf(host);
  const call = await begin(host, handle, "hang_blocking_signals");
  host.child.kill(signal);
  expect(await host.closed()).toEqual({ status: 0, signal: null });
  expect((await host.answer(call)).error?.data.kind).toBe("SHUTTING_DOWN");
  await gone(...workers);
});

test.each([
  ["SIGTERM", "SIGTERM", 143],
  ["SIGINT", "SIGINT", 130],
  ["SIGHUP", "SIGHUP", 129],
  ["SIGINT", "SIGTERM", 143],
] as const)("L4: after %s a %s ends at once, whatever still runs", async (first, second, status) => {
  await using host = await watchingHost({ args: ["--drain-ms=2147483647"] });
  const handle = await host.load("hostile");
  const workers = workersOf(host);
  await begin(host, handle, "hang_blocking_signals");
  host.child.kill(first);
  await closing(host);
  host.child.kill(second);
  expect(await host.exit()).toEqual({ status, signal: null });
  await gone(...workers);
});

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
  ["SIGHUP", 129],
] as const)(
  "L10: after the end of stdin a %s ends at once, and leaves neither processes nor directories",
  async (signal, status) => {
    const temporary = mkdtempSync(join(tmpdir(), "dlrpc-left-"));
    try {
      await using host = await watchingHost({
        args: ["--drain-ms=2147483647", "--log-level=info"],
        env: { TMPDIR: temporary },
      });
      const handle = await host.load("hostile");
      await host.load("counter");
      const workers = workersOf(host);
      const call = await begin(host, handle, "hang_blocking_signals");
      expect(readdirSync(temporary)).toHaveLength(1);
      host.stdin.end();
      await expect.poll(() => host.stderr).toContain("stdin has ended");
      host.child.kill(signal);
      expect(await host.closed()).toEqual({ status, signal: null });
      expect(host.messages.find(({ id }) => id === call)).toBeUndefined();
      expect(readdirSync(temporary)).toEqual([]);
      await gone(...workers);
    } finally {
      rmSync(temporary, { recursive: true });
    }
  },
);

test("L10: by default calls are ended before a host that waits 2 s loses patience", async () => {
  await using host = new Host();
  expect((await host.result("initialize")).limits.drainMs).toBeLessThan(2000);
});

test("L4: a signal for dlrpc's process group, as from Ctrl-C, does not reach the plugins", async () => {
  await using host = new Host({ through: ["setsid"] });
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const call = await startAtGate(host, handle, gate);
  process.kill(-(host.child.pid as number), "SIGINT");
  await closing(host);
  await gate.open();
  expect((await host.answer(call)).result.success).toBe(true);
  expect(await host.exit()).toEqual({ status: 0, signal: null });
});

test("L4: it ends when the process that initialize names is gone", async () => {
  const other = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] });
  await using host = new Host({ args: ["--log-level=info"] });
  await host.result("initialize", { processId: other.pid });
  await host.load("counter");
  const workers = workersOf(host);
  other.stdin.end();
  expect(await host.closed()).toEqual({ status: 0, signal: null });
  expect(host.stderr).toContain(`process ${other.pid} has ended`);
  await gone(...workers);
});

test("L4: a processId that cannot be seen is said to be unwatched, and ends nothing", async () => {
  const other = spawn("true", { stdio: "ignore" });
  await once(other, "exit");
  await using host = new Host();
  await host.result("initialize", { processId: other.pid });
  await host.load("counter");
  await host.finish();
  expect(host.stderr).toContain(`processId ${other.pid} of initialize cannot be seen`);
});

test("L4: it ends when its parent is gone, though stdin and stdout stay open", async () => {
  using files = new PluginDirectory();
  const fifo = join(files.path, "stdin");
  execFileSync("mkfifo", [fifo]);
  const command = [process.execPath, program, "serve", "--trust", fixturesDirectory];
  const parent = spawn("sh", ["-c", '"$@" <"$0" & wait', fifo, ...command], { stdio: ["ignore", "pipe", "inherit"] });
  await using stdin = await open(fifo, "w");
  await stdin.write(line(1, "plugin/load", { path: plugin("counter") }));
  await once(parent.stdout, "data");
  const [dlrpc] = childrenOf(parent.pid as number) as [number];
  const workers = childrenOf(dlrpc);
  expect(workers).toHaveLength(1);
  parent.kill("SIGKILL");
  await once(parent.stdout.resume(), "end"); // nobody else has it open
  await gone(dlrpc, ...workers);
});

test.each(["spin", "hang", "hang_blocking_signals", "stop"])(
  "L4: after SIGKILL of dlrpc no worker survives whose plugin does %s",
  async (what) => {
    await using host = await watchingHost();
    const handle = await host.load("hostile");
    const threadSafe = await host.load("hostile-thread-safe");
    await begin(host, handle, what);
    await begin(host, threadSafe, what);
    const workers = workersOf(host);
    expect(workers).toHaveLength(2);
    host.child.kill("SIGKILL");
    await gone(...workers);
  },
);

test("L4: after SIGKILL of dlrpc no worker survives that is loading", async () => {
  await using host = new Host();
  host.start("plugin/load", { path: plugin("hangs-at-load") });
  while (workersOf(host).length < 1) await host.result("plugin/list");
  const workers = workersOf(host);
  host.child.kill("SIGKILL");
  await gone(...workers);
});
