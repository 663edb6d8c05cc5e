// L5, W7: answers on their way out, to a reader that is slow, and to one that is gone.

import { once } from "node:events";
import type { Readable } from "node:stream";
import { expect, test } from "vitest";
import { begin, call, listed, start, startAtGate, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import { gone } from "../support/gone.ts";
import { Host } from "../support/host.ts";
import { childrenOf } from "../support/processes.ts";

const MEBIBYTE = 1024 * 1024;

function stdoutOf(host: Host): Readable {
  return host.child.stdout as Readable;
}

/** Asks for more than fits into the pipe, and stops reading when the first of it is there. */
async function stall(host: Host): Promise<void> {
  const handle = await host.load("echo");
  const begun = once(stdoutOf(host), "data");
  host.start("plugin/execute", { handle, input: { text: "x".repeat(8 * MEBIBYTE) } });
  await begun;
  stdoutOf(host).pause();
}

test.each(["the end of stdin", "shutdown and exit", "SIGTERM"])("L5: %s lets a slow reader have all", async (how) => {
  await using host = new Host({ args: ["--drain-ms=60000"] });
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const workers = childrenOf(host.child.pid as number);
  const first = await startAtGate(host, handle, gate);
  const long = [1, 2, 3, 4].map(() => start(host, handle, "answer_long"));
  await host.result("plugin/list"); // so all have arrived
  if (how === "SIGTERM") host.child.kill("SIGTERM");
  if (how === "shutdown and exit") host.start("shutdown");
  if (how === "shutdown and exit") host.notify("exit");
  if (how === "the end of stdin") host.stdin.end();
  await gate.open();
  await host.answer(first);
  stdoutOf(host).pause();
  await gone(...workers); // all is done but the reading
  stdoutOf(host).resume();
  expect(await host.closed()).toEqual({ status: 0, signal: null });
  for (const id of long) expect((await host.answer(id)).result.output.s).toHaveLength(MEBIBYTE);
});

test("L5: a reader that does not read is waited for no longer than --drain-ms", async () => {
  await using host = new Host({ args: ["--drain-ms=50"] });
  await stall(host);
  expect(await host.end()).toEqual({ status: 0, signal: null });
});

test("W7: a closed stdout ends the program quietly with status 74, and its workers", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const workers = childrenOf(host.child.pid as number);
  await begin(host, handle, "hang_blocking_signals");
  stdoutOf(host).destroy();
  host.start("plugin/list");
  expect(await host.closed()).toEqual({ status: 74, signal: null });
  expect(host.stderr).toBe("");
  await gone(...workers);
});

test("W7: a stdout that is closed after shutdown is no error", async () => {
  await using host = new Host();
  await host.load("counter");
  await host.result("shutdown");
  stdoutOf(host).destroy();
  host.start("plugin/list");
  expect(await host.closed()).toEqual({ status: 0, signal: null });
  expect(host.stderr).toBe("");
});

test("W7: a stdout that is closed while answers wait in it ends the program, too", async () => {
  await using host = new Host();
  await stall(host);
  stdoutOf(host).destroy();
  expect(await host.closed()).toEqual({ status: 74, signal: null });
});

test("W7: a notification to a closed stdout ends the program, too", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const { pid } = await listed(host, handle);
  await call(host, handle, "count");
  stdoutOf(host).destroy();
  process.kill(pid, "SIGKILL");
  expect(await host.closed()).toEqual({ status: 74, signal: null });
});
