// How a worker ends: by itself, by what its plugin does, by force, with dlrpc.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import {
  CRASH_ADDRESS_OFFSET,
  CRASH_OFFSET,
  CRASH_REGISTERS,
  CRASH_REGISTERS_OFFSET,
  CRASH_STACK_BYTES,
  CRASH_STACK_LENGTH_OFFSET,
  CRASH_STACK_START_OFFSET,
  FrameKind,
} from "../../../native/frames/frames.ts";
import { exceptionName } from "../../../src/platform/windows/processes/exception-names.ts";
import { startScript } from "./scripts.ts";
import { WatchedProcess } from "./watched-process.ts";
import { pluginPath, WindowsWorker } from "./windows-worker.ts";

const LONG_MS = 20_000;

async function loaded(name = "by-ucrt"): Promise<WindowsWorker> {
  const worker = new WindowsWorker();
  await worker.load(pluginPath(name));
  return worker;
}

/** An overflow of the stack is not among them: Wine ends the thread alone. */
const crashes: Record<string, string> = {
  access: "ACCESS_VIOLATION",
  illegal: "ILLEGAL_INSTRUCTION",
  divide: "INTEGER_DIVIDE_BY_ZERO",
};
for (const [what, name] of Object.entries(crashes)) {
  for (const threads of [1, 2]) {
    test(`a plugin that crashes ends the process with ${name}: ${what}, ${threads} threads`, async () => {
      await using worker = await loaded();
      worker.send(FrameKind.serve, threads);
      worker.ask(1, what);
      const status = await worker.status();
      assert.equal(exceptionName(status) ?? status, name);
    });
  }
}

test("a plugin that crashes when it is loaded ends the process, or does not load", async () => {
  await using worker = new WindowsWorker();
  // Wine passes the exception on; Windows's loader catches it, and says 998 (no access).
  worker.send(FrameKind.load, 0, `${pluginPath("crashes-at-start")}\0`);
  const frame = await worker.next().catch(() => undefined);
  if (frame === undefined) assert.equal(exceptionName(await worker.status()), "ACCESS_VIOLATION");
  else assert.match(String(frame.payload.subarray(16)), /^error 998: /);
});

test("a crash leaves in the control block what it was, where, and the top of the stack", async () => {
  await using worker = await loaded();
  worker.ask(1, "access");
  await worker.status();
  const { bytes } = worker;
  assert.equal(exceptionName(bytes.readUInt32LE(CRASH_OFFSET)), "ACCESS_VIOLATION");
  assert.equal(bytes.readBigUInt64LE(CRASH_OFFSET + CRASH_ADDRESS_OFFSET), 16n);
  const registers = Array.from({ length: CRASH_REGISTERS }, (_, index) =>
    bytes.readBigUInt64LE(CRASH_REGISTERS_OFFSET + 8 * index),
  );
  assert.notEqual(registers.at(-1), 0n); // the program counter
  assert.equal(registers[7], bytes.readBigUInt64LE(CRASH_OFFSET + CRASH_STACK_START_OFFSET)); // of the stack
  const length = bytes.readUInt32LE(CRASH_OFFSET + CRASH_STACK_LENGTH_OFFSET);
  assert.ok(length > 100 && length <= CRASH_STACK_BYTES, `${length} bytes`);
});

test("an exception of the plugin's own is the status", async () => {
  await using worker = await loaded();
  worker.ask(1, "raise");
  assert.equal(await worker.status(), 0xe0ddba11);
});

for (const runtime of ["msvcrt", "ucrt"]) {
  test(`a crash takes nothing along that was printed to stderr of ${runtime}`, async () => {
    await using worker = await loaded(`by-${runtime}`);
    worker.ask(1, "say and fall");
    assert.equal((await worker.stderr.all()).trim(), "about to fall");
  });

  test(`abort of ${runtime} ends the process with status 3, as Wine has it; Windows may say STACK_BUFFER_OVERRUN`, async () => {
    await using worker = await loaded(`by-${runtime}`);
    worker.ask(1, "abort");
    const status = await worker.status();
    assert.ok(status === 3 || exceptionName(status) === "STACK_BUFFER_OVERRUN", `it ended with ${status}`);
  });

  test(`exit of ${runtime} ends the process with its status, in order`, async () => {
    await using worker = await loaded(`by-${runtime}`);
    worker.ask(1, "exit");
    assert.equal(await worker.status(), 7);
    assert.equal((await worker.stderr.all()).trim(), "detached");
  });
}

test("a plugin that ends the only thread ends the process with its status", async () => {
  await using worker = await loaded();
  worker.ask(1, "end thread");
  assert.equal(await worker.status(), 5);
});

test("a plugin whose thread works on does not keep the process from ending in order", async () => {
  await using worker = await loaded();
  worker.ask(1, "work on");
  assert.equal(await worker.said(), "on");
  assert.equal(await worker.finish(), 0);
});

test("the job ends a call that hangs, and what the plugin has started", async () => {
  await using worker = await loaded();
  worker.ask(1, "start");
  using other = new WatchedProcess(Number(await worker.said()));
  worker.ask(2, "hang");
  assert.equal(other.hasEndedWithin(0), false);
  worker.job[Symbol.dispose]();
  await worker.status();
  assert.equal(other.hasEndedWithin(LONG_MS), true);
});

test("what the plugin has started is there until the job is closed, also after a crash", async () => {
  await using worker = await loaded();
  worker.ask(1, "start");
  using other = new WatchedProcess(Number(await worker.said()));
  worker.ask(2, "access");
  await worker.status();
  assert.equal(other.hasEndedWithin(0), false);
  worker.job[Symbol.dispose]();
  assert.equal(other.hasEndedWithin(LONG_MS), true);
});

for (const what of ["hang", "nothing"]) {
  test(`a worker ends with dlrpc, and what its plugin has started: ${what}`, async () => {
    const broker = startScript("broker.ts", [what], { stdio: ["ignore", "pipe", "inherit"] });
    using held = new DisposableStack();
    held.defer(() => broker.kill("SIGKILL"));
    let said = "";
    for await (const chunk of broker.stdout as Readable) {
      said += chunk;
      if (said.endsWith("\n")) break;
    }
    const processes = said
      .trim()
      .split(" ")
      .map((pid) => held.use(new WatchedProcess(Number(pid))));
    assert.deepEqual(
      processes.map((each) => each.hasEndedWithin(0)),
      [false, false],
    );
    broker.kill("SIGKILL");
    assert.deepEqual(
      processes.map((each) => each.hasEndedWithin(LONG_MS)),
      [true, true],
    );
  });
}

test("a worker with nothing to do ends when its requests end", async () => {
  await using worker = new WindowsWorker();
  assert.equal(await worker.finish(), 0);
});

test("frames that nobody knows are passed over", async () => {
  await using worker = await loaded();
  worker.send(99, 7, "what is this");
  worker.execute(1, '{"input":1}');
  assert.equal(String(await worker.expect(FrameKind.result)), '{"input":1}');
});

/** What the worker says to who starts it otherwise than dlrpc does, and its status. */
async function startedWith(args: readonly string[]): Promise<[said: string, status: number | null]> {
  const child = spawn("Z:\\work\\worker.exe", args, { stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
  const [said] = await Promise.all([text(child.stderr as Readable), once(child, "exit")]);
  for (const stream of child.stdio) stream?.destroy();
  return [said.trim(), child.exitCode];
}

test("who starts it by hand is told what it is", async () => {
  assert.deepEqual(await startedWith([]), ["This is a part of dlrpc, which starts it.", 2]);
});

test("without a control block it says so", async () => {
  const [said, status] = await startedWith(["1000", "0"]);
  assert.match(said, /^dlrpc's worker: the control block cannot be mapped: error 6: \S.*\S$/);
  assert.equal(status, 1);
});
