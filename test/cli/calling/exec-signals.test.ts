// Signals that end `dlrpc exec` and `dlrpc replay`: nothing of the plugin is left, and the shell sees the signal.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { gone } from "../../support/gone.ts";
import { plugin, program } from "../../support/paths.ts";
import { childrenOf, descendantsOf } from "../../support/processes.ts";
import { run } from "../../support/run.ts";

/** Of the program that is ended, and of the test. */
let temporary: string;
let elsewhere: string;

beforeEach(() => {
  [temporary, elsewhere] = [0, 1].map(() => realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-signals-")))) as [
    string,
    string,
  ];
});
afterEach(() => {
  for (const directory of [temporary, elsewhere]) rmSync(directory, { recursive: true });
});

/** What plugins print is its stderr. */
function begin(...args: string[]): ChildProcess & { stderr: Readable } {
  const env = { ...process.env, TMPDIR: temporary };
  return spawn(process.execPath, [program, ...args], { env, stdio: ["ignore", "ignore", "pipe"] });
}

/** Sends the signal, which is to leave nothing. */
async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const processes = descendantsOf(child.pid as number);
  child.kill(signal);
  expect(await once(child, "close")).toEqual([null, signal]);
  await gone(...processes);
  expect(readdirSync(temporary)).toEqual([]);
}

const leaving = '{"do":"leave_daemon_and_hang"}';

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends a call, and the daemon that it has left",
  async (signal) => {
    const child = begin("exec", plugin("hostile"), "--exec", "--input", leaving);
    await once(child.stderr, "data");
    await end(child, signal);
  },
);

test("SIGINT ends a load that does not return", async () => {
  const child = begin("exec", plugin("hangs-at-load"));
  while (childrenOf(child.pid as number).length === 0) await setTimeout(5);
  await end(child, "SIGINT");
});

test("SIGINT ends a call of replay, of which that is no other end", async () => {
  const records = join(elsewhere, "records");
  await run(["exec", plugin("hostile"), "--input", leaving, "--exec", "--timeout-ms=300", "--record", records]);
  const path = join(records, readdirSync(records)[0] ?? "");
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), timeoutMs: null }));
  const child = begin("replay", path);
  const stderr = text(child.stderr);
  while (descendantsOf(child.pid as number).length < 2) await setTimeout(5);
  await end(child, "SIGINT");
  expect(await stderr).not.toContain("it ended");
});
