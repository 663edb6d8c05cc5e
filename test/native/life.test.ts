// L4 and the end of a plugin: a worker lives with whoever started it, and what a plugin has to do at its end is done.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { CONTROL_BLOCK_BYTES, FrameKind } from "../../native/frames/frames.ts";
import { call, exited, start, watchingHost } from "../support/calls.ts";
import { HandWorker, shippedWorker } from "../support/hand-worker.ts";
import { Host } from "../support/host.ts";
import { Workshop } from "../support/own-worker.ts";
import { plugin } from "../support/paths.ts";
import { libraryOf, PluginDirectory } from "../support/plugin-directory.ts";
import { childrenOf, gone, runs } from "../support/processes.ts";
import { ProgramCopy } from "../support/program-copy.ts";

describe("L4: a worker that was never told anything", () => {
  /** In a system call whose first argument is the channel's descriptor. */
  const waits = (pid: number) => /^\d+ 0x3 /.test(readFileSync(`/proc/${pid}/syscall`, "utf8"));

  test("ends with the process that started it, though its channel stays open", async () => {
    using files = new PluginDirectory();
    const controlBlock = files.file("control-block", Buffer.alloc(CONTROL_BLOCK_BYTES));
    // Its parent is a shell; the other ends of its pipes are held here.
    const script = `"$0" hand $$ 1000 5<>"$1" & echo $!; wait`;
    const stdio = ["ignore", "pipe", "inherit", "pipe", "pipe"] as const;
    const parent = spawn("sh", ["-c", script, shippedWorker, controlBlock], { stdio: [...stdio] });
    const [chunk] = await once(parent.stdout as NodeJS.ReadableStream, "data");
    const worker = Number(String(chunk));
    await expect.poll(() => waits(worker)).toBe(true);
    parent.kill("SIGKILL");
    await gone(worker);
    for (const stream of parent.stdio) stream?.destroy();
  });

  test("ends at once where its parent is another by then, and reads nothing", async () => {
    await using worker = new HandWorker({ parent: process.ppid });
    await worker.ended();
    expect([worker.child.exitCode, worker.child.signalCode]).toEqual([0, null]);
    worker.send(FrameKind.load, 0, `${libraryOf("echo")}\0`);
    expect(await worker.finish()).toEqual({ frames: [], stdout: "", stderr: "", status: 0 });
  });

  test("ends with dlrpc, killed by SIGKILL, though it is stopped before its first line", async () => {
    using workshop = new Workshop();
    using copy = new ProgramCopy();
    const stop = "#include <signal.h>\n__attribute__((constructor)) static void stop(void) { raise(SIGSTOP); }\n";
    copy.useWorker(workshop.worker({ compiler: "cc" }, stop));
    await using host = new Host({ program: copy.command });
    host.start("plugin/load", { path: plugin("hello-world") });
    const stopped = (pid: number) => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    await expect.poll(() => childrenOf(host.child.pid as number).some(stopped)).toBe(true);
    const [worker] = childrenOf(host.child.pid as number) as [number];
    await host.result("plugin/list"); // whatever dlrpc does as it starts a process is done
    host.child.kill("SIGKILL");
    await gone(worker);
  });

  test("ends in order when the channel is closed", async () => {
    await using worker = new HandWorker();
    expect(await worker.finish()).toEqual({ frames: [], stdout: "", stderr: "", status: 0 });
  });

  test("says what it is to people who run it", () => {
    const { status, stdout, stderr } = spawnSync(shippedWorker, [], { encoding: "utf8" });
    expect([status, stdout, stderr]).toEqual([2, "", "This is a part of dlrpc, which starts it.\n"]);
  });

  test("says why it cannot go on where there is no control block", async () => {
    const args = ["hand", String(process.pid), "1000"];
    const worker = spawn(shippedWorker, args, { stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
    const said = await text(worker.stderr as NodeJS.ReadableStream);
    expect(said).toBe("dlrpc's worker: the control block cannot be mapped: Bad file descriptor\n");
    expect(worker.exitCode ?? (await once(worker, "exit"))[0]).toBe(1);
  });
});

describe("what a plugin has to do at its end is done when it is unloaded:", () => {
  const TIMES = 40;

  /** A host whose plugins leave traces of their ends, and the traces. */
  async function traced(use: (host: Host, traces: () => string[]) => Promise<void>, napMs = 0): Promise<void> {
    using files = new PluginDirectory();
    const trace = files.file("trace", "");
    const env = { LC_HOSTILE_TRACE: trace, LC_HOSTILE_NAP_MS: String(napMs) };
    await using host = await watchingHost({ args: ["--concurrency=16"], env });
    await use(host, () => readFileSync(trace, "utf8").trim().split("\n").toSorted());
  }
  const load = (host: Host) => host.load("leaves-traces", { sandbox: { profile: "none" } });
  const expected = (times: number) => ["destructor", "exit"].flatMap((what) => Array<string>(times).fill(what));

  test(`destructors and what atexit was told, right after the load, with 16 threads, ${TIMES} of ${TIMES}`, async () => {
    await traced(async (host, traces) => {
      for (let i = 0; i < TIMES; i++) await host.result("plugin/unload", { handle: await load(host) });
      expect(traces()).toEqual(expected(TIMES));
    });
  });

  test("after calls on all threads, at a reload, and when dlrpc ends", async () => {
    await traced(async (host, traces) => {
      const handle = await load(host);
      for (const id of Array.from({ length: 64 }, () => start(host, handle, "count"))) await host.answer(id);
      await host.result("plugin/reload", { handle });
      expect(await exited(host, handle)).toMatchObject({ exitCode: 0, reason: "reload" });
      expect(traces()).toEqual(expected(1));
      await load(host);
      expect(await host.finish()).toEqual({ status: 0, signal: null });
      expect(traces()).toEqual(expected(3));
    });
  });

  test("what takes a while, of the second that there is", async () => {
    await traced(async (host, traces) => {
      await host.result("plugin/unload", { handle: await load(host) });
      expect(traces()).toEqual(expected(1));
    }, 200);
  });

  test("not after a crash", async () => {
    await traced(async (host, traces) => {
      const handle = await load(host);
      await call(host, handle, "segv");
      await call(host, handle, "count");
      expect(traces()).toEqual([""]);
    });
  });
});

test("a destructor that never ends is given a second, and no more", async () => {
  await using host = await watchingHost();
  const handle = await host.load("destructor-hangs");
  const { pid } = (await call(host, handle, "count")).result.output;
  const begun = performance.now();
  await host.result("plugin/unload", { handle });
  const took = performance.now() - begun;
  expect(runs(pid)).toBe(false);
  expect(took).toBeGreaterThan(950);
  expect(took).toBeLessThan(3000); // on a machine that may have other work
  expect(await exited(host, handle)).toMatchObject({ signal: "SIGKILL", reason: "unload" });
});
