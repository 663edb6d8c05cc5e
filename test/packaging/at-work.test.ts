// The packed program at work: what the protocol promises, the demo, and plugins that misbehave.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runConformance, transcripts } from "../support/conformance.ts";
import { Host } from "../support/host.ts";
import { projectRoot } from "../support/paths.ts";
import { childrenOf, gone } from "../support/processes.ts";
import { packed } from "./packed.ts";

const WHOLE_SUITE_MS = 600_000;

test("the packed program passes every transcript", { timeout: WHOLE_SUITE_MS }, async () => {
  // Nothing of the environment but where the C compiler is; a transcript adds what it is about.
  const runner = ["/usr/bin/env", "-i", "PATH=/usr/bin:/bin", packed];
  const { status, failed, total, stderr } = await runConformance([], [packed, "serve"], runner);
  expect(failed, stderr).toEqual([]);
  expect([status, total]).toEqual([0, transcripts.length]);
});

test("the demo runs with it", () => {
  const demo = join(projectRoot, "fixtures", "demo.ts");
  const { stdout, status, stderr } = spawnSync(process.execPath, [demo, packed], {
    encoding: "utf8",
    cwd: projectRoot,
  });
  expect(stderr).toBe("");
  expect(stdout).toContain("dlrpc ended with status 0");
  expect(status).toBe(0);
});

test("a plugin that misbehaves costs one call each time, and nothing outlives the program", async () => {
  await using host = new Host({ program: [packed], through: ["/usr/bin/env", "-i"] });
  const neighbour = await host.load("echo");
  const hostile = await host.load("hostile");
  for (const what of ["segv", "exit_7"]) {
    const error = await host.error("plugin/execute", { handle: hostile, input: { do: what } });
    expect(error.data.kind).toBe("PLUGIN_CRASHED");
  }
  const late = await host.error("plugin/execute", { handle: hostile, input: { do: "hang" }, timeoutMs: 200 });
  expect(late.data.kind).toBe("PLUGIN_TIMEOUT");
  await host.result("plugin/execute", { handle: hostile, input: { do: "print" } });
  await host.result("plugin/execute", { handle: neighbour });
  const workers = childrenOf(host.child.pid as number);
  expect(workers.length).toBeGreaterThanOrEqual(2);
  expect(await host.finish()).toEqual({ status: 0, signal: null });
  await gone(...workers);
});
