// How a worker is confined before it loads anything. Wine takes mitigations, levels of integrity and restrictions of jobs and
// applies none, nor a job's limits of memory and processes: here one sees that they arrive, in which form, and what is said.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Job } from "../../../src/platform/windows/processes/job.ts";
import { labelLow } from "../../../src/platform/windows/security/integrity-label.ts";
import type { WindowsError } from "../../../src/platform/windows/system-functions.ts";
import { bytesOf, type Order } from "../../../src/sandbox/orders.ts";
import { confineOnWindows, windowsOrders } from "../../../src/sandbox/portable/windows.ts";
import { type Confinement, unconfined } from "../../../src/sandbox-policy/policy.ts";
import { pluginPath, WindowsWorker } from "./windows-worker.ts";

const ERROR_ACCESS_DENIED = 5;
const ERROR_NOT_SUPPORTED = 50;
const standard: Confinement = { ...unconfined, profile: "standard", exec: false, network: false, memoryMb: 256 };

const results = async (worker: WindowsWorker, orders: readonly Order[]): Promise<number[]> => {
  const answer = await worker.order(bytesOf(orders));
  return orders.map((_, index) => answer.readInt32LE(4 * index));
};

test("a worker is under all layers, and a plugin loads and runs in it", async () => {
  await using worker = new WindowsWorker();
  assert.deepEqual(await confineOnWindows(standard, worker, worker.job, undefined), {
    layers: ["job", "job-ui", "mitigations", "low-integrity"],
    missing: {},
  });
  await worker.load(pluginPath("by-ucrt"));
  worker.ask(1, "print");
  assert.equal(await worker.said(), "at the end");
  assert.equal(await worker.finish(), 0);
});

test("one that is to write to what is the user's own keeps its level of integrity", async () => {
  await using worker = new WindowsWorker();
  const write = [{ descriptor: -1, isDirectory: true, path: "C:\\work", canonical: "C:\\work", [Symbol.dispose]() {} }];
  const report = await confineOnWindows({ ...standard, write }, worker, worker.job, undefined);
  assert.deepEqual(report.layers, ["job", "job-ui", "mitigations"]);
  assert.match(report.missing["low-integrity"] ?? "", /^it is to write to C:\\work, /);
});

test("a layer that cannot be put on is missing, with Windows's words, and the others are there", async () => {
  await using worker = new WindowsWorker();
  using closed = new Job();
  closed[Symbol.dispose]();
  const missing = join(tmpdir(), "not-there");
  const report = await confineOnWindows(standard, worker, closed, missing);
  assert.deepEqual(
    report.layers.filter((layer) => layer !== "job-ui"),
    ["mitigations"],
  ); // of which Wine says nothing
  assert.match(report.missing.job ?? "", /^SetInformationJobObject: error 6: \S/);
  assert.match(report.missing["low-integrity"] ?? "", /^SetNamedSecurityInfo: error [23]: \S/);
});

test("what does not succeed is said, each for itself, and the rest goes on", async () => {
  await using worker = new WindowsWorker();
  const order = (kind: number, payload: Buffer): Order => ({ kind, payload, layers: [], call: "" });
  const unknown = order(99, Buffer.from("what is this?"));
  const ofLinux = order(1, Buffer.alloc(0));
  const all = windowsOrders(standard, true);
  const [first, second, ...others] = await results(worker, [unknown, ofLinux, ...all]);
  assert.deepEqual([first, second], [ERROR_NOT_SUPPORTED, ERROR_NOT_SUPPORTED]);
  assert.deepEqual(others, [0, 0, 0, 0]);
});

test("a directory gets a label, which Wine refuses, and one that is not there does not", () => {
  const directory = mkdtempSync(join(tmpdir(), "größe-"));
  try {
    labelLow(directory);
  } catch (error) {
    assert.equal((error as WindowsError).number, ERROR_ACCESS_DENIED);
  } finally {
    rmSync(directory, { recursive: true });
  }
  assert.throws(() => labelLow(directory), /^(?:WindowsError|Error): SetNamedSecurityInfo: error [23]: \S/);
});
