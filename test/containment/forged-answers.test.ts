// A worker is not trusted: a plugin that writes to dlrpc itself can spoil its own answers, and nothing else.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HostileVariant } from "../../fixtures/hostile.ts";
import {
  BUFFER_BYTES,
  CONTROL_BLOCK_CALLS,
  FrameKind,
  HEADER_BYTES,
  KIND_OFFSET,
  LEVEL_BYTES,
  LONGEST_TEXT,
  NO_RESULT_BYTES,
} from "../../native/frames/frames.ts";
import { LARGE_BYTES } from "../../protocol/raw.ts";
import { answered, call, exited, watchingHost } from "../support/calls.ts";
import { forged } from "../support/forged-frames.ts";
import type { Host } from "../support/host.ts";
import { Bystander } from "./bystander.ts";

const answer = (name: string) => `{"success":true,"output":{"name":"${name}"},"error":null,"files":[]}`;
/** As sent-calls.ts numbers: the last place of the control block, in the first generation. */
const FIRST_CALL = 2 * CONTROL_BLOCK_CALLS - 1;

function shared(length: number, call = FIRST_CALL): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32LE(length);
  return forged(FrameKind.resultShared, call, payload);
}

/** What is written during a handle's first call, and how that is answered. Each ends the process as a crash. */
const forgeries: Record<
  string,
  { bytes: Buffer; does?: string; variant?: HostileVariant; answer: string | { name: string } }
> = {
  "its own answer, before it returns another": {
    bytes: forged(FrameKind.result, FIRST_CALL, answer("forged")),
    answer: { name: "forged" },
  },
  "its own answer, twice, and then hangs": {
    bytes: Buffer.concat([1, 2].map((n) => forged(FrameKind.result, FIRST_CALL, answer(`forged ${n}`)))),
    does: "write_bytes_and_hang",
    answer: { name: "forged 1" },
  },
  "an answer to a call that does not run": {
    bytes: forged(FrameKind.result, FIRST_CALL + 1, answer("forged")),
    answer: "PLUGIN_CRASHED",
  },
  "answers to whatever call may come": {
    bytes: Buffer.concat(Array.from({ length: 20 }, (_, n) => forged(FrameKind.result, n, answer("forged")))),
    answer: "PLUGIN_CRASHED",
  },
  "an answer that is not JSON": {
    bytes: forged(FrameKind.result, FIRST_CALL, '{"success":true'),
    answer: "INVALID_RESULT",
  },
  "an answer that ends the response and begins another": {
    bytes: forged(FrameKind.result, FIRST_CALL, `${answer("forged")}}\n{"jsonrpc":"2.0","id":1,"result":{}`),
    answer: "INVALID_RESULT",
  },
  "an answer that is not UTF-8": {
    bytes: forged(FrameKind.result, FIRST_CALL, Buffer.from([0x22, 0xff, 0x22])),
    answer: "INVALID_RESULT",
  },
  "that it has no answer": {
    bytes: forged(FrameKind.noResult, FIRST_CALL, Buffer.alloc(NO_RESULT_BYTES)),
    answer: "INVALID_RESULT",
  },
  "that its answer is longer than memory is": {
    bytes: forged(FrameKind.noResult, FIRST_CALL, Buffer.alloc(NO_RESULT_BYTES, 0xff)),
    answer: "INVALID_RESULT",
  },
  "that it has no answer, at length": {
    bytes: forged(FrameKind.noResult, FIRST_CALL, Buffer.alloc(3000, 0xff)),
    answer: "PLUGIN_CRASHED",
  },
  "half of that it has no answer": {
    bytes: forged(FrameKind.noResult, FIRST_CALL, Buffer.alloc(NO_RESULT_BYTES / 2)),
    answer: "PLUGIN_CRASHED",
  },
  "that it is ready, once more": { bytes: forged(FrameKind.hello, 0, ""), answer: "PLUGIN_CRASHED" },
  "that it is loaded, once more": { bytes: forged(FrameKind.loaded, 0, answer("forged")), answer: "PLUGIN_CRASHED" },
  "that it did not load": { bytes: forged(FrameKind.failed, 0, "{}"), answer: "PLUGIN_CRASHED" },
  "what only dlrpc says": { bytes: forged(FrameKind.execute, FIRST_CALL, "{}\0"), answer: "PLUGIN_CRASHED" },
  "progress, though it has no table": { bytes: forged(FrameKind.progress, FIRST_CALL, ""), answer: "PLUGIN_CRASHED" },
  "a partial result, though it has no table": {
    bytes: forged(FrameKind.output, FIRST_CALL, "1"),
    answer: "PLUGIN_CRASHED",
  },
  "progress of a call that does not run": {
    bytes: forged(FrameKind.progress, FIRST_CALL + 1, ""),
    variant: "hostile-table",
    answer: "PLUGIN_CRASHED",
  },
  "a partial result of a call that does not run": {
    bytes: forged(FrameKind.output, FIRST_CALL + 1, "1"),
    variant: "hostile-table",
    answer: "PLUGIN_CRASHED",
  },
  "words without a level": {
    bytes: forged(FrameKind.said, FIRST_CALL, "abc"),
    variant: "hostile-table",
    answer: "PLUGIN_CRASHED",
  },
  "words that are longer than a worker passes on": {
    bytes: forged(FrameKind.said, FIRST_CALL, Buffer.alloc(LEVEL_BYTES + LONGEST_TEXT + 1, "x")),
    variant: "hostile-table",
    answer: "PLUGIN_CRASHED",
  },
  "progress and words, and then its own answer twice": {
    bytes: Buffer.concat([
      forged(FrameKind.progress, FIRST_CALL, "more than nothing"),
      forged(FrameKind.said, FIRST_CALL, Buffer.alloc(8, 0xff)),
      ...[1, 2].map((n) => forged(FrameKind.result, FIRST_CALL, answer(`forged ${n}`))),
    ]),
    variant: "hostile-table",
    does: "write_bytes_and_hang",
    answer: { name: "forged 1" },
  },
  "that its answer is in the shared buffer, where nothing is": { bytes: shared(40_000), answer: "INVALID_RESULT" },
  "so of a call that does not run": { bytes: shared(40_000, FIRST_CALL + 1), answer: "PLUGIN_CRASHED" },
  "that more is there than fits": { bytes: shared(BUFFER_BYTES + 1), answer: "PLUGIN_CRASHED" },
  "that more is there than memory has": { bytes: shared(0xffffffff), answer: "PLUGIN_CRASHED" },
  "that less is there than is large": { bytes: shared(LARGE_BYTES - 1), answer: "PLUGIN_CRASHED" },
  "that something is there, but not how much": {
    bytes: forged(FrameKind.resultShared, FIRST_CALL, "abc"),
    answer: "PLUGIN_CRASHED",
  },
  "a kind of frame that there is not": { bytes: forged(0xffffffff, FIRST_CALL, ""), answer: "PLUGIN_CRASHED" },
  "one byte, by which all that follows is out of step, and then returns": {
    bytes: Buffer.alloc(1),
    answer: "PLUGIN_CRASHED",
  },
  "half a header, and then returns": {
    bytes: forged(FrameKind.result, FIRST_CALL, "").subarray(0, HEADER_BYTES / 2),
    answer: "PLUGIN_CRASHED",
  },
};

test("every kind of frame that a worker sends is forged", () => {
  const whole = Object.values(forgeries).filter(({ bytes }) => bytes.length >= HEADER_BYTES);
  const kinds = new Set(whole.map(({ bytes }) => bytes.readUInt32LE(KIND_OFFSET)));
  const sent = Object.entries(FrameKind).filter(([, kind]) => kind >= FrameKind.hello);
  expect(sent.filter(([, kind]) => !kinds.has(kind))).toEqual([]);
});

describe("a plugin writes to dlrpc itself:", () => {
  let bystander: Bystander;
  let host: Host;

  beforeAll(async () => {
    bystander = await Bystander.stand();
    host = bystander.host;
  });
  afterAll(() => bystander.leave());

  test.each(Object.keys(forgeries))("%s", async (what) => {
    const { bytes, does = "write_bytes", variant = "hostile", answer } = forgeries[what] as (typeof forgeries)[string];
    const handle = await host.load(variant);
    const id = call(host, handle, "", { input: { do: does, bytes: bytes.toString("hex") } });
    const { result, error, text } = await id;
    if (typeof answer === "string") expect(error?.data).toMatchObject({ kind: answer, handle });
    else expect(result.output).toEqual(answer);
    expect(text.length).toBeLessThan(4096);
    expect(await exited(host, handle)).toMatchObject({ reason: "crash", willRestart: true });
    expect((await call(host, handle, "count")).result.output.count).toBe(1);
    await host.result("plugin/unload", { handle });
  });

  test("a part of a frame, and then hangs: its deadline ends it", async () => {
    const handle = await host.load("hostile");
    const bytes = forged(FrameKind.result, FIRST_CALL, answer("forged")).subarray(0, -1).toString("hex");
    const input = { do: "write_bytes_and_hang", bytes };
    const { error } = await call(host, handle, "", { input, timeoutMs: 60 });
    expect(error?.data.kind).toBe("PLUGIN_TIMEOUT");
    expect((await call(host, handle, "count")).result.output.count).toBe(1);
  });

  // Were all of them copied, that would be 59 GiB: a minute in which nobody else is heard.
  test("that 32 MiB are in the shared buffer, 1,900 times at once", { timeout: 25_000 }, async () => {
    const handle = await host.load("hostile");
    const bytes = Buffer.concat(Array.from({ length: 1900 }, () => shared(BUFFER_BYTES))).toString("hex");
    const { error } = await call(host, handle, "", { input: { do: "write_bytes_and_hang", bytes } });
    expect(error?.data.kind).toBe("INVALID_RESULT");
    expect(await exited(host, handle)).toMatchObject({ reason: "crash" });
    expect((await call(host, handle, "count")).result.output.count).toBe(1);
  });

  test("no id was answered twice, and none that was not asked", () => {
    const ids = answered(host);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain(null);
  });
});

test("an answer that a plugin writes between calls is a crash, and the next call is answered by a fresh process", async () => {
  const bytes = forged(FrameKind.result, FIRST_CALL + 1, answer("forged")).toString("hex");
  await using host = await watchingHost({ env: { LC_HOSTILE_BYTES: bytes } });
  const handle = await host.load("hostile");
  const input = { do: "after", what: "write_bytes" };
  expect((await call(host, handle, "", { input })).result.success).toBe(true);
  expect(await exited(host, handle)).toMatchObject({ reason: "crash", signal: "SIGKILL" });
  expect((await call(host, handle, "count")).result.output.count).toBe(1);
});
