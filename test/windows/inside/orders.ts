// What a worker does to itself before it loads anything. Wine takes mitigations and levels of integrity and applies none,
// nor a job's limits of memory and processes: here one sees that the orders arrive, in which form, and what is said of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Order, OrderKind, pluginPath, WindowsWorker } from "./windows-worker.ts";

/** By Windows's own numbers. */
const CHILD_PROCESSES = 13;
const IMAGE_LOAD = 10;
const NO_CHILD_PROCESSES = 1;
const NO_REMOTE_IMAGES = 1;
const LOW_INTEGRITY = 0x1000;
const EXTENDED_LIMITS = 9;
const ERROR_BAD_LENGTH = 24;
const ERROR_NOT_SUPPORTED = 50;
const ERROR_INVALID_PARAMETER = 87;
const ACTIVE_PROCESS = 8;
const PROCESS_MEMORY = 0x100;

/** A JOBOBJECT_EXTENDED_LIMIT_INFORMATION. */
function limits(processes: number, memoryBytes: bigint): Buffer {
  const bytes = Buffer.alloc(144);
  bytes.writeUInt32LE(ACTIVE_PROCESS | PROCESS_MEMORY, 16);
  bytes.writeUInt32LE(processes, 40);
  bytes.writeBigUInt64LE(memoryBytes, 112);
  return bytes;
}

const numbers = (...values: number[]) => Buffer.from(BigUint64Array.from(values, BigInt).buffer);
const jobLimits = (kind: number, structure: Buffer): Order => ({
  kind: OrderKind.jobLimits,
  payload: Buffer.concat([numbers(kind), structure]),
});

const orders: readonly Order[] = [
  { kind: OrderKind.mitigation, payload: numbers(CHILD_PROCESSES, NO_CHILD_PROCESSES) },
  { kind: OrderKind.mitigation, payload: numbers(IMAGE_LOAD, NO_REMOTE_IMAGES) },
  jobLimits(EXTENDED_LIMITS, limits(1, 1n << 30n)),
  { kind: OrderKind.integrity, payload: numbers(LOW_INTEGRITY) },
];

test("orders are carried out, and a plugin loads and runs after them", async () => {
  await using worker = new WindowsWorker();
  assert.deepEqual(await worker.confine(orders), [0, 0, 0, 0]);
  await worker.load(pluginPath("by-ucrt"));
  worker.ask(1, "print");
  assert.equal(await worker.said(), "at the end");
  assert.equal(await worker.finish(), 0);
});

test("what does not succeed is said, each for itself, and the rest goes on", async () => {
  await using worker = new WindowsWorker();
  const unknown = { kind: 99, payload: Buffer.from("what is this?") };
  const short = jobLimits(EXTENDED_LIMITS, Buffer.alloc(10));
  const ofLinux = { kind: 1, payload: Buffer.alloc(0) };
  const [first, second = 0, ...others] = await worker.confine([unknown, short, ofLinux, ...orders]);
  assert.equal(first, ERROR_NOT_SUPPORTED);
  assert.ok([ERROR_BAD_LENGTH, ERROR_INVALID_PARAMETER].includes(second), `error ${second}`); // Windows, Wine
  assert.deepEqual(others, [ERROR_NOT_SUPPORTED, 0, 0, 0, 0]);
});
