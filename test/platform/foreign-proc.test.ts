// Where /proc is missing, or is that of another PID namespace, as in a container that was given its host's.

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { begin } from "../support/calls.ts";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { childrenOf, gone } from "../support/processes.ts";

const script = (text: string) => ["sh", "-euc", text, "sh"];
const without = ["unshare", "-rm", ...script('mount -t tmpfs none /proc && exec "$@"')];
/** dlrpc is the first process of a namespace of its own, and sees its parent's. */
const foreign = ["unshare", "-rpf", "--kill-child"];

/** Not every system lets everybody make namespaces. */
const may = spawnSync("unshare", ["-rpf", "true"]).status === 0;

test.runIf(may)("without /proc what runs no code of plugins works, and a load says what is missing", async () => {
  await using host = new Host({ through: without });
  const path = plugin("echo");
  expect(await host.result("plugin/validate", { path })).toMatchObject({ valid: true });
  expect((await host.result("plugin/discover")).plugins.length).toBeGreaterThan(5);
  expect((await host.error("plugin/load", { path })).data).toMatchObject({
    kind: "WORKER_UNAVAILABLE",
    hint: expect.stringContaining("/proc is not mounted"),
  });
  expect(await host.finish()).toEqual({ status: 0, signal: null });
  expect(host.stderr).toBe("");
});

test.runIf(may)("with another namespace's /proc plugins run, and a load says what is not enforced", async () => {
  await using host = new Host({ through: foreign });
  const { handle, sandbox, warnings } = await host.result("plugin/load", { path: plugin("echo") });
  expect(sandbox.layers).not.toContain("limits");
  expect(warnings).toMatchObject([{ message: expect.stringContaining("another PID namespace") }, {}]);
  expect((await host.result("plugin/execute", { handle })).success).toBe(true);
  const [{ pid, stats }] = (await host.result("plugin/list")).plugins;
  expect([typeof pid, stats.rssBytes]).toEqual(["number", null]);
  const { data } = await host.error("plugin/load", { path: plugin("echo"), sandbox: { require: true } });
  expect(data.kind).toBe("SANDBOX_UNAVAILABLE");
  expect(await host.finish()).toEqual({ status: 0, signal: null });
});

test.runIf(may)("what ends at once with another namespace's /proc ends its plugins, and nothing else", async () => {
  await using host = new Host({ through: foreign, args: ["--log-level=info", "--drain-ms=100000"] });
  await host.result("initialize", { notifications: ["progress"] });
  const handle = await host.load("hostile", { sandbox: { exec: true } });
  await begin(host, handle, "hang_blocking_signals");
  const [dlrpc] = childrenOf(host.child.pid as number) as [number];
  const workers = childrenOf(dlrpc);
  expect(workers).toHaveLength(1);
  host.stdin.end();
  await expect.poll(() => host.stderr).toContain("stdin has ended");
  process.kill(dlrpc, "SIGTERM");
  await host.exit();
  await gone(dlrpc, ...workers);
});
