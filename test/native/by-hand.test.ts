// What a worker does with frames, told by hand: which calls it begins, and what it says of what it does not pass on.

import { expect, test } from "vitest";
import {
  CONTROL_BLOCK_CALLS,
  FAILURE_TEXT_OFFSET,
  FAILURE_VALUE_OFFSET,
  FailureReason,
  FrameKind,
} from "../../native/frames/frames.ts";
import { forged } from "../support/forged-frames.ts";
import { HandWorker } from "../support/hand-worker.ts";
import { libraryOf } from "../support/plugin-directory.ts";

const FIRST = 2 * CONTROL_BLOCK_CALLS - 1;
const does = (what: string) => `{"input":{"do":"${what}"},"workspace_root":null,"config":{}}`;
const load = (worker: HandWorker, name: string) => worker.send(FrameKind.load, 0, `${libraryOf(name)}\0`);

test("a call that is not in the control block, or not under its number, is not begun; the next one is", async () => {
  await using worker = new HandWorker();
  load(worker, "hostile");
  worker.send(FrameKind.serve, 1);
  worker.send(FrameKind.execute, FIRST, `${does("count")}\0`); // never permitted
  worker.permit(FIRST - 1 + CONTROL_BLOCK_CALLS); // another one, whose place is the same
  worker.send(FrameKind.execute, FIRST - 1, `${does("count")}\0`);
  worker.execute(FIRST - 2, does("count"));
  const { frames, status } = await worker.finish();
  expect(frames.map(({ kind, call }) => [kind, call])).toEqual([
    [FrameKind.loaded, 0],
    [FrameKind.result, FIRST - 2],
  ]);
  expect(frames[1]?.payload.toString()).toContain('"count":1,');
  expect([FIRST, FIRST - 1, FIRST - 2].map((call) => worker.placeOf(call))).toEqual([
    0,
    FIRST - 1 + CONTROL_BLOCK_CALLS,
    -(FIRST - 2),
  ]);
  expect(status).toBe(0);
});

test("a string that is too long is told by its length, a NULL pointer by none", async () => {
  await using worker = new HandWorker({ maxResultBytes: 1000 });
  load(worker, "hostile");
  for (const [n, what] of ["answer_long", "answer_null", "answer_failure"].entries()) worker.execute(n + 1, does(what));
  const { frames } = await worker.finish();
  const [, long, none, fits] = frames;
  expect([long?.kind, long?.payload.readBigUInt64LE()]).toEqual([FrameKind.noResult, (1n << 20n) + 45n]);
  expect([none?.kind, none?.payload]).toEqual([FrameKind.noResult, Buffer.alloc(8)]);
  expect([fits?.kind, fits?.payload.toString()]).toEqual([FrameKind.result, expect.stringContaining("no luck")]);
});

test.each([
  ["no-execute", FailureReason.symbolsMissing, 0b100n],
  ["no-symbols", FailureReason.symbolsMissing, 0b111n],
  ["version-2", FailureReason.otherVersion, 2n],
  ["metadata-null", FailureReason.noMetadata, 0n],
])("%s fails for the reason %d, %d", async (name, reason, value) => {
  await using worker = new HandWorker();
  load(worker, name);
  const { frames, status } = await worker.finish();
  expect(frames).toHaveLength(1);
  const [{ kind, payload }] = frames as [(typeof frames)[0]];
  expect([kind, payload.length]).toEqual([FrameKind.failed, FAILURE_TEXT_OFFSET]);
  expect([payload.readBigUInt64LE(), payload.readBigUInt64LE(FAILURE_VALUE_OFFSET)]).toEqual([BigInt(reason), value]);
  expect(status).toBe(0);
});

test("what does not open is told in the loader's words", async () => {
  await using worker = new HandWorker();
  worker.send(FrameKind.load, 0, "/nowhere/libnone.so\0");
  const { frames } = await worker.finish();
  const [{ kind, payload }] = frames as [(typeof frames)[0]];
  expect([kind, payload.readBigUInt64LE()]).toEqual([FrameKind.failed, BigInt(FailureReason.notOpened)]);
  expect(payload.toString("utf8", FAILURE_TEXT_OFFSET)).toMatch(/^\/nowhere\/libnone\.so: cannot open/);
});

test("it does not matter how frames are cut into pieces", async () => {
  const calls = Array.from({ length: 20 }, (_, n) => n + 1);
  const text = (call: number) => "x".repeat(call * 1000);
  const frames = Buffer.concat([
    forged(FrameKind.load, 0, `${libraryOf("echo")}\0`),
    forged(FrameKind.serve, 1, ""),
    ...calls.map((call) => forged(FrameKind.execute, call, `{"input":{"text":"${text(call)}"}}\0`)),
    ...calls.map((call) =>
      forged(FrameKind.execute, call + CONTROL_BLOCK_CALLS / 2, `{"input":{"text":"${text(call * 7)}"}}\0`),
    ),
  ]);
  for (const size of [1, 7, 11, 13, 4096, 32 * 1024 + 1, 65_536, frames.length]) {
    await using worker = new HandWorker();
    for (const call of calls) for (const each of [call, call + CONTROL_BLOCK_CALLS / 2]) worker.permit(each);
    const pieces = size < 100 ? frames.subarray(0, 3000) : frames; // the first ones byte by byte, the others at once
    for (let at = 0; at < pieces.length; at += size)
      worker.write(pieces.subarray(at, Math.min(pieces.length, at + size)));
    worker.write(frames.subarray(pieces.length));
    const { frames: answers, stderr } = await worker.finish();
    expect(stderr).toBe("");
    expect(
      answers.slice(1).map(({ payload }) => JSON.parse(payload.toString()).output.context.input.text.length),
    ).toEqual([1000, 7000].flatMap((unit) => calls.map((call) => call * unit)));
  }
});
