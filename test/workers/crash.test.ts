// E5: a plugin's process that ends though nobody asked it to.

import { describe, expect, test } from "vitest";
import { call, exited, listed, start, startAtGate, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import { LoadGate } from "../support/load-gate.ts";
import { plugin } from "../support/paths.ts";
import { childrenOf, isAlive } from "../support/processes.ts";

/** By what the hostile plugin does: the signal, the exit status, and what it writes to stderr before. */
const crashes: Record<string, [signal: string | null, exitCode: number | null, stderr: string]> = {
  segv: ["SIGSEGV", null, "about to fall\n"],
  abort: ["SIGABRT", null, ""],
  exit_0: [null, 0, ""],
  exit_7: [null, 7, ""],
  stack_overflow: ["SIGSEGV", null, ""],
};

describe("E5: the running call gets PLUGIN_CRASHED, the next one a fresh process, and nothing is done twice", () => {
  test.each(Object.keys(crashes))("%s", async (what) => {
    const [signal, exitCode, stderrTail] = crashes[what] ?? [];
    await using host = await watchingHost();
    const handle = await host.load("hostile");
    const { pid } = (await call(host, handle, "count")).result.output;
    const { error } = await call(host, handle, what);
    expect(error?.code).toBe(-32021);
    const known = { handle, plugin: "hostile", path: plugin("hostile") };
    const end = { signal, exitCode, stderrTail, sideEffectsUnknown: true, reason: "crash" };
    const doing = { operation: "execute", callsServed: 1, uptimeMs: expect.any(Number) };
    expect(error?.data).toMatchObject({ kind: "PLUGIN_CRASHED", ...known, ...end, ...doing });
    expect(error?.message).toContain(signal ?? `status ${exitCode}`);
    expect(await exited(host, handle)).toEqual({ handle, signal, exitCode, reason: "crash", willRestart: true });
    expect(isAlive(pid)).toBe(false);

    const next = (await call(host, handle, "count")).result.output;
    expect(next.count).toBe(1);
    expect(next.pid).not.toBe(pid);
    const stats = { calls: 3, errors: 1, crashes: 1, restarts: 1, timeouts: 0 };
    expect(await listed(host, handle)).toMatchObject({ state: "ready", pid: next.pid, stats });
  });
});

test("E5: queued calls go on in a fresh process, in order", async () => {
  await using host = await watchingHost();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const first = await startAtGate(host, handle, gate);
  const doomed = start(host, handle, "segv");
  const behind = [1, 2, 3].map(() => start(host, handle, "count"));
  await gate.open();
  expect((await host.answer(first)).result.output.count).toBe(1);
  expect((await host.answer(doomed)).error?.data.kind).toBe("PLUGIN_CRASHED");
  const outputs = await Promise.all(behind.map(async (id) => (await host.answer(id)).result.output));
  expect(outputs.map(({ count }) => count)).toEqual([1, 2, 3]);
  expect(new Set(outputs.map(({ pid }) => pid)).size).toBe(1);
});

test("E5: a crash between calls is noticed and counted, and the next call does not suffer from it", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  expect((await call(host, handle, "crash_after")).result.success).toBe(true);
  expect(await exited(host, handle)).toMatchObject({ signal: "SIGABRT", reason: "crash", willRestart: true });
  expect((await call(host, handle, "count")).result.output.count).toBe(1);
  expect((await listed(host, handle)).stats).toMatchObject({ calls: 2, errors: 0, crashes: 1, restarts: 1 });
});

test("E5: a process that somebody else kills has crashed, in a call and between calls", async () => {
  await using host = await watchingHost();
  await using gate = new Gate(); // a call that stands there has begun beyond doubt
  const handle = await host.load("hostile");
  const { pid } = await listed(host, handle);
  const running = await startAtGate(host, handle, gate);
  process.kill(pid, "SIGKILL");
  expect((await host.answer(running)).error?.data).toMatchObject({ kind: "PLUGIN_CRASHED", signal: "SIGKILL" });

  const { output } = (await call(host, handle, "count")).result;
  process.kill(output.pid, "SIGTERM");
  expect(await exited(host, handle, 2)).toMatchObject({ signal: "SIGTERM", reason: "crash" });
  expect((await call(host, handle, "count")).result.output.count).toBe(1);
});

test.each(["hostile", "hostile-thread-safe"])(
  "E5: %s: a call that puts its place in the control block back is not run again when it crashes, and those behind it run",
  async (name) => {
    await using host = await watchingHost({ args: ["--concurrency=2"] });
    const handle = await host.load(name);
    const doomed = start(host, handle, "put_back_and_crash");
    expect((await host.answer(doomed)).error?.data).toMatchObject({ kind: "PLUGIN_CRASHED", callsServed: 0 });
    expect((await call(host, handle, "count")).result.output.count).toBe(1);
    expect((await listed(host, handle)).stats).toMatchObject({ calls: 2, errors: 1, crashes: 1, restarts: 1 });
  },
);

describe("E5: stderrTail and stdoutTail are the end of what was written, at most 4 KiB", () => {
  test("of what an earlier call wrote as well", async () => {
    await using host = await watchingHost();
    const handle = await host.load("hostile");
    await call(host, handle, "flood");
    const { error } = await call(host, handle, "segv");
    expect(error?.data.stderrTail).toMatch(/^x+about to fall\n$/);
    expect(error?.data.stderrTail).toHaveLength(4096);
    expect(error?.data.stdoutTail).toMatch(/^x+$/);
    expect(error?.data.stdoutTail).toHaveLength(4096);
  });

  test("of a call that wrote more also the beginning, with how much is missing in between", async () => {
    await using host = await watchingHost();
    const handle = await host.load("hostile");
    await call(host, handle, "flood"); // is none of it
    const { error } = await call(host, handle, "panic_and_trace");
    const tails = /^the panic\n(#+)\n\[… (\d+) bytes left out …\]\n(#+)\nthe end\n$/;
    for (const tail of [error?.data.stderrTail, error?.data.stdoutTail]) {
      expect(Buffer.byteLength(tail as string)).toBeLessThanOrEqual(4096);
      const [, first = "", leftOut, last = ""] = tails.exec(tail as string) ?? [];
      expect("the panic\n".length + first.length).toBe(2048);
      expect(first.length + Number(leftOut) + last.length).toBe(100_000);
    }
  });

  test("of exactly as much as is kept all, and of one byte more nearly all", async () => {
    await using host = await watchingHost();
    const tailOf = async (bytes: number) => {
      const { error } = await call(host, await host.load("hostile"), "", {
        input: { do: "print_and_exit", bytes: String(bytes) },
      });
      return error?.data.stderrTail as string;
    };
    expect(await tailOf(0)).toBe("");
    expect(await tailOf(4096)).toBe("#".repeat(4096));
    expect(await tailOf(4097)).toMatch(/^#{2048}\n\[… \d\d bytes left out …\]\n#+$/);
  });

  test("PLUGIN_TIMEOUT has them, too", async () => {
    await using host = await watchingHost();
    const handle = await host.load("hostile");
    const { error } = await call(host, handle, "print_and_hang", { timeoutMs: 200 });
    const words = { stdoutTail: "printed to stdout\n", stderrTail: "printed to stderr\n" };
    expect(error?.data).toMatchObject({ kind: "PLUGIN_TIMEOUT", ...words });
  });
});

test("E5: a crash of one handle leaves the others alone, also those of the same plugin", async () => {
  await using host = await watchingHost();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const other = await host.load("hostile");
  const running = await startAtGate(host, other, gate);
  expect((await call(host, handle, "segv")).error?.data.kind).toBe("PLUGIN_CRASHED");
  await gate.open();
  expect((await host.answer(running)).result.output.count).toBe(1);
  expect((await listed(host, other)).stats.crashes).toBe(0);
});

test("E5: a process that is killed while it starts again is replaced", async () => {
  await using gate = new LoadGate();
  await using host = await watchingHost({ env: gate.environment });
  const handle = await host.load("constructor-waits");
  gate.shut();
  await call(host, handle, "segv");
  const waiting = start(host, handle, "count");
  await gate.reached();
  expect(await listed(host, handle)).toMatchObject({ state: "restarting", pid: null, running: 0, queued: 1 });
  const [starting] = childrenOf(host.child.pid as number) as [number];
  process.kill(starting, "SIGKILL");
  await gate.open();
  const { output } = (await host.answer(waiting)).result;
  expect(output.count).toBe(1);
  expect(output.pid).not.toBe(starting);
  expect((await listed(host, handle)).stats).toMatchObject({ crashes: 1, restarts: 2 });
});
