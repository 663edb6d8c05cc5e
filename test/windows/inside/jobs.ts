// Jobs: who is in one, what it limits, what it takes from the user's session.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { openProcess, ProcessAccess } from "../../../src/platform/windows/handles.ts";
import { Job } from "../../../src/platform/windows/processes/job.ts";
import { processMemory } from "../../../src/platform/windows/processes/process-memory.ts";
import { WindowsError } from "../../../src/platform/windows/system-functions.ts";
import { pluginPath, WindowsWorker } from "./windows-worker.ts";

const MIB = 1024 * 1024;

class Idle implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly pid: number;

  constructor(options: { detached?: boolean } = {}, args: readonly string[] = []) {
    this.child = spawn("Z:\\work\\plugins\\idle.exe", args, { stdio: "ignore", windowsHide: true, ...options });
    this.pid = this.child.pid as number;
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended();
  }
}

test("a job knows its processes, more than it has asked room for, too", async () => {
  await using held = new AsyncDisposableStack();
  using job = new Job();
  assert.deepEqual(job.members(), []);
  const processes = Array.from({ length: 20 }, () => held.use(new Idle()));
  for (const { pid } of processes) job.add(pid);
  const pids = (list: number[]) => list.toSorted((a, b) => a - b);
  assert.deepEqual(pids(job.members()), pids(processes.map(({ pid }) => pid)));
});

test("what a plugin has started is in its worker's job", async () => {
  await using worker = new WindowsWorker();
  await worker.load(pluginPath("by-ucrt"));
  worker.ask(1, "start");
  const started = Number(await worker.said());
  // And the console of the latter.
  const members = new Set(worker.job.members());
  assert.ok(members.has(worker.child.pid as number) && members.has(started), [...members].join());
});

test("a job that is terminated ends its processes with a status, and can be terminated again", async () => {
  await using idle = new Idle();
  using job = new Job();
  job.add(idle.pid);
  job.terminate();
  assert.equal(await idle.ended(), 1);
  assert.deepEqual(job.members(), []);
  job.terminate();
});

test("limits are put on, of memory as large as there is", () => {
  using job = new Job();
  job.limit({ memoryBytes: 1024 * 1024 * MIB, processes: 1 });
  assert.ok(job.peakMemoryBytes >= 0);
});

test("a process that is not there is in no job, and the error has Windows's words", () => {
  using job = new Job();
  assert.throws(
    () => job.add(0),
    (error) => error instanceof WindowsError && /^OpenProcess\(0\): error 87: \S.*\S$/.test(error.message),
  );
});

test("a job that keeps its processes from the user's session takes one that is in no other", async () => {
  await using idle = new Idle({ detached: true }); // else it is in libuv's, which Windows does not take, and Wine does
  using job = new Job();
  job.add(idle.pid);
  job.restrictUserInterface();
  assert.deepEqual(job.members(), [idle.pid]);
});

test("memory of a process is what it has made its own, and one that has ended has none", async () => {
  await using idle = new Idle();
  const own = processMemory(process.pid);
  assert.ok(own.privateBytes > MIB && own.residentBytes > MIB, JSON.stringify(own));
  const other = processMemory(idle.pid);
  assert.ok(other.privateBytes > 0 && other.privateBytes < own.privateBytes, JSON.stringify(other));
  {
    using _hold = openProcess(idle.pid, ProcessAccess.synchronize); // as its parent has until it hears of the end
    idle.child.kill("SIGKILL");
    await idle.ended();
    assert.deepEqual(processMemory(idle.pid), { privateBytes: 0, residentBytes: 0 });
  }
  assert.deepEqual(processMemory(idle.pid), { privateBytes: 0, residentBytes: 0 });
  assert.deepEqual(processMemory(0), { privateBytes: 0, residentBytes: 0 });
});

test("memory of a process can be asked for while it starts", async () => {
  await using worker = new WindowsWorker();
  await worker.load(pluginPath("by-ucrt"));
  const memoryOfAll = () => worker.job.members().map((pid) => processMemory(pid).privateBytes);
  for (let call = 1; call <= 20; call++) {
    const before = memoryOfAll().length;
    worker.ask(call, "start");
    while (memoryOfAll().length === before) {}
    for (let times = 0; times < 100; times++) memoryOfAll();
    await worker.said();
  }
});

test("a process that lets nobody see it has no memory to tell of", async () => {
  await using hidden = new Idle({}, ["hidden"]);
  while (isSeen(hidden.pid)) {}
  assert.deepEqual(processMemory(hidden.pid), { privateBytes: 0, residentBytes: 0 });
});

function isSeen(pid: number): boolean {
  try {
    openProcess(pid, ProcessAccess.queryLimitedInformation)[Symbol.dispose]();
    return true;
  } catch (error) {
    if (error instanceof WindowsError) return false;
    throw error;
  }
}
