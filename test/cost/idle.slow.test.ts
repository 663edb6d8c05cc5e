// A program that nobody asks for anything does nothing (Linux: strace(1)).

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { call } from "../support/calls.ts";
import { Host } from "../support/host.ts";

vi.setConfig({ testTimeout: 120_000 }); // a traced program is slow, on a machine that may have other work

const IDLE_MS = 3000;
/** How long nothing may happen before it counts as idle. */
const QUIET_MS = 1000;

test.skipIf(lacks("strace"))("an idle program makes no system call, nor do its processes", async () => {
  const directory = mkdtempSync(join(tmpdir(), "dlrpc-idle-"));
  const trace = join(directory, "trace");
  const calls = () => readFileSync(trace, "utf8").split("\n");
  await using host = new Host({ through: ["strace", "--follow-forks", "--output", trace] });
  const handle = await host.load("hostile");
  await call(host, handle, "segv"); // a restart leaves no timer behind
  expect((await call(host, handle, "count")).result.success).toBe(true);

  // A timer that runs again and again would never let it become quiet, and the test would run into its time limit.
  let seen = 0;
  for (let now = calls().length; now !== seen; now = calls().length) {
    seen = now;
    await setTimeout(QUIET_MS);
  }
  await setTimeout(IDLE_MS);
  expect(calls().slice(seen)).toEqual([]);
  expect((await call(host, handle, "count")).result.success).toBe(true);
  expect(calls().length).toBeGreaterThan(seen); // strace saw that
  rmSync(directory, { recursive: true });
});
