// Calls: one, many, large ones; what a plugin prints; what it tells while they run.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CONTROL_BLOCK_CALLS,
  DONE_OFFSET,
  FLAGS_BYTES,
  FLAGS_OFFSET,
  FrameKind,
  LENGTH_OFFSET,
  MESSAGE_OFFSET,
  REPORT_BYTES,
  REPORTS_OFFSET,
  TIMEOUT_OFFSET,
  TOTAL_OFFSET,
  WANTED_OFFSET,
  Wanted,
} from "../../../native/frames/frames.ts";
import { pluginPath, WindowsWorker } from "./windows-worker.ts";

const WORD = Int32Array.BYTES_PER_ELEMENT;

async function loaded(name: string, options?: { maxResultBytes: number }): Promise<WindowsWorker> {
  const worker = new WindowsWorker(options);
  await worker.load(pluginPath(name));
  return worker;
}

test("a call is answered with what the plugin returned, by its number", async () => {
  await using worker = await loaded("by-ucrt");
  worker.execute(5, '{"input":"größe 名前"}');
  const { kind, call, payload } = await worker.next();
  assert.deepEqual([kind, call, String(payload)], [FrameKind.result, 5, '{"input":"größe 名前"}']);
  assert.equal(worker.placeOf(5), -5);
});

test("calls that are pipelined are answered in order, but for those that are taken back", async () => {
  await using worker = await loaded("by-ucrt");
  const calls = Array.from({ length: CONTROL_BLOCK_CALLS - 1 }, (_, index) => index + 1);
  const isTakenBack = (call: number) => call % 3 === 0;
  for (const call of calls) {
    Atomics.store(worker.words, call, isTakenBack(call) ? 0 : call);
    worker.send(FrameKind.execute, call, `{"input":${call}}\0`);
  }
  for (const call of calls.filter((each) => !isTakenBack(each))) {
    const frame = await worker.next();
    assert.deepEqual([frame.call, String(frame.payload)], [call, `{"input":${call}}`]);
  }
  assert.deepEqual(
    calls.filter((call) => worker.placeOf(call) === -call),
    calls.filter((call) => !isTakenBack(call)),
  );
  assert.equal(await worker.finish(), 0);
});

test("frames may come byte by byte, and a message of no bytes is no end", async () => {
  await using worker = await loaded("by-ucrt");
  const frame = Buffer.concat([
    Buffer.from(Uint32Array.of(`{"input":1}\0`.length, 1, FrameKind.execute).buffer),
    Buffer.from(`{"input":1}\0`),
  ]);
  Atomics.store(worker.words, 1, 1);
  for (const byte of frame) {
    worker.write(Buffer.of(byte));
    worker.write(Buffer.alloc(0));
    await new Promise(setImmediate);
  }
  assert.equal(String(await worker.expect(FrameKind.result)), '{"input":1}');
});

test("large contexts and large results pass whole, between small ones", async () => {
  await using worker = await loaded("by-msvcrt");
  const context = JSON.stringify({ input: "x".repeat(5 << 20) });
  for (const call of [1, 4]) worker.execute(call, context);
  worker.ask(2, "large");
  worker.execute(3, '{"input":3}');
  assert.equal(String(await worker.expect(FrameKind.result)), context);
  assert.equal(String(await worker.expect(FrameKind.result)), context);
  assert.equal((await worker.said()).length, 8 << 20);
  assert.equal(String(await worker.expect(FrameKind.result)), '{"input":3}');
});

test("a result that is too long is counted, and NULL is none", async () => {
  await using worker = await loaded("by-ucrt", { maxResultBytes: 1000 });
  worker.ask(1, "large");
  assert.ok((await worker.expect(FrameKind.noResult)).readBigUInt64LE() > 8 << 20);
  worker.ask(2, "nothing");
  assert.equal((await worker.expect(FrameKind.noResult)).readBigUInt64LE(), 0n);
});

test("calls run at once on as many threads as are asked for", async () => {
  await using worker = await loaded("by-ucrt");
  worker.send(FrameKind.serve, 4);
  for (const call of [1, 2, 3, 4]) worker.ask(call, "meet");
  for (const _ of [1, 2, 3, 4]) assert.equal(await worker.said(), "met");
  assert.equal(await worker.finish(), 0);
});

for (const runtime of ["msvcrt", "ucrt"]) {
  test(`what ${runtime} prints comes by stdout and stderr, and stdin is empty`, async () => {
    await using worker = await loaded(`by-${runtime}`);
    worker.ask(1, "print");
    assert.equal(await worker.said(), "at the end");
    worker.ask(2, "access"); // what was printed is not lost with it (nor would it be with a buffer, in Wine)
    await worker.status();
    const lines = (await worker.stdout.all()).split(/\r?\n/);
    assert.deepEqual(lines, [`printed by ${runtime}`, "written", "handed over", ""]);
    assert.equal((await worker.stderr.all()).trim(), `complained by ${runtime}`);
  });

  test(`${runtime} does not have the channel open`, async () => {
    await using worker = await loaded(`by-${runtime}`);
    worker.ask(1, "write to channel");
    assert.equal(await worker.said(), "-1 -1 0");
  });
}

test("two runtimes in one plugin print into the same streams, in order", async () => {
  await using worker = await loaded("by-ucrt");
  worker.ask(1, "print by both");
  assert.equal(await worker.said(), "printed");
  assert.equal(await worker.finish(), 0);
  assert.deepEqual((await worker.stdout.all()).split(/\r?\n/), ["by one", "by the other", "by one", ""]);
});

/** What dlrpc says of a call before it is sent. */
function order(worker: WindowsWorker, call: number, wanted: number): void {
  const at = FLAGS_OFFSET + (call % CONTROL_BLOCK_CALLS) * FLAGS_BYTES;
  worker.words[(at + WANTED_OFFSET) / WORD] = wanted;
  worker.words[(at + TIMEOUT_OFFSET) / WORD] = 60_000;
}

const everything = Wanted.wantsProgress | Wanted.wantsOutput | Wanted.wantsLog;

test("a plugin of dlrpc_plugin.h tells of progress, partial results and what it has to say", async () => {
  await using worker = new WindowsWorker();
  worker.send(FrameKind.load, 0, `${pluginPath("attached")}\0`);
  const { kind, call: hasTaken } = await worker.next();
  assert.deepEqual([kind, hasTaken], [FrameKind.loaded, 1]);
  order(worker, 9, everything);
  worker.ask(9, "report");
  const frames = [await worker.next(), await worker.next(), await worker.next(), await worker.next()];
  const { progress, output, said, result } = FrameKind;
  assert.deepEqual(
    frames.map((frame) => [frame.kind, frame.call]),
    [progress, output, said, result].map((each) => [each, 9]),
  );
  assert.deepEqual(
    frames.slice(1, 3).map(({ payload }) => String(payload)),
    ['"part"', "\u0002\0\0\0look out"],
  );
  assert.match(String(frames[3]?.payload), /"said":"told"/);
  const report = worker.bytes.subarray(REPORTS_OFFSET + 9 * REPORT_BYTES, REPORTS_OFFSET + 10 * REPORT_BYTES);
  assert.deepEqual([report.readDoubleLE(DONE_OFFSET), report.readDoubleLE(TOTAL_OFFSET)], [1, 2]);
  const length = report.readUInt32LE(LENGTH_OFFSET);
  assert.equal(String(report.subarray(MESSAGE_OFFSET, MESSAGE_OFFSET + length)), "half");
});

test("calls on many threads tell each for itself", async () => {
  await using worker = await loaded("attached");
  worker.send(FrameKind.serve, 4);
  const calls = Array.from({ length: 400 }, (_, index) => index + 1);
  for (const call of calls) order(worker, call, Wanted.wantsOutput | Wanted.wantsLog);
  for (const call of calls) worker.ask(call, "report");
  const told = new Map<number, string>(calls.map((call) => [call, ""]));
  for (let count = 0; count < 3 * calls.length; count++) {
    const { kind, call, payload } = await worker.next();
    told.set(call, `${told.get(call)} ${kind === FrameKind.result ? JSON.parse(String(payload)).output.said : kind}`);
  }
  const expected = ` ${FrameKind.output} ${FrameKind.said} told`;
  assert.deepEqual(
    [...told].filter(([, what]) => what !== expected),
    [],
  );
  assert.equal(await worker.finish(), 0);
});

test("what nobody wants is not told", async () => {
  await using worker = await loaded("attached");
  order(worker, 1, 0);
  worker.ask(1, "report");
  assert.equal(await worker.said(), "not told");
});

test("a call that is to stop hears of it, and its process goes on", async () => {
  await using worker = await loaded("attached");
  order(worker, 1, Wanted.wantsOutput);
  worker.ask(1, "stop");
  assert.equal(String(await worker.expect(FrameKind.output)), '"begun"');
  Atomics.store(worker.words, (FLAGS_OFFSET + FLAGS_BYTES) / WORD, 1);
  assert.equal(await worker.said(), "stopped");
  worker.execute(2, '{"input":2}');
  assert.equal(String(await worker.expect(FrameKind.result)), '{"input":2}');
});
