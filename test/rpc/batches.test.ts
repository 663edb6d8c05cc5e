// M2: batches.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { framed, inShort, probe, RawHost, replies } from "../support/raw-host.ts";

const lines = { framing: "lines", args: ["--framing=lines"] } as const;
const notification = '{"jsonrpc":"2.0","method":"initialized"}';
const response = '{"jsonrpc":"2.0","id":4,"result":{}}';

describe("M2: in both framings", () => {
  let inLines: RawHost;
  let inFrames: RawHost;
  beforeAll(() => {
    inLines = new RawHost(lines);
    inFrames = new RawHost();
  });
  afterAll(() => Promise.all([inLines.finish(), inFrames.finish()]));

  test.each([
    ["one request", `[${probe(1)}]`, ["[1]"]],
    ["requests", `[${probe(1)},${probe("a")},${probe(2)}]`, ["[1 2 a]"]],
    ["white space everywhere", ` [ ${probe(1)}\t,  ${probe(2)} ] `, ["[1 2]"]],
    ["requests and notifications", `[${notification},${probe(1)},${notification}]`, ["[1]"]],
    ["notifications only", `[${notification},${notification}]`, []],
    ["responses only", `[${response}]`, []],
    ["an empty array", "[]", ["INVALID_REQUEST"]],
    ["an empty array with a space", "[ ]", ["INVALID_REQUEST"]],
    ["no messages", '[1,null,"x"]', ["[INVALID_REQUEST INVALID_REQUEST INVALID_REQUEST]"]],
    ["arrays", `[[],[${probe(1)}]]`, ["[INVALID_REQUEST INVALID_REQUEST]"]],
    ["bad and good", `[{},${probe(1)},{"jsonrpc":"2.0","id":2}]`, ["[1 INVALID_REQUEST INVALID_REQUEST 2]"]],
    ["params of a wrong form", `[{"jsonrpc":"2.0","id":1,"method":"probe","params":[1]}]`, ["[INVALID_PARAMS 1]"]],
    ["not JSON", `[${probe(1)},`, ["PARSE_ERROR"]],
    ["not JSON at its end", `[${probe(1)},{]`, ["PARSE_ERROR"]],
    ["something behind it", `[${probe(1)}]]`, ["PARSE_ERROR"]],
    ["an id twice, once answered before the other comes", `[${probe(1)},${probe(1)}]`, ["[1 1]"]],
  ])("%s", async (_, batch, expected) => {
    const after = [...expected, "9"];
    expect(inShort(await inLines.exchange(`${batch}\n${probe(9)}\n`, 9))).toEqual(after);
    expect(inShort(await inFrames.exchange(Buffer.concat([framed(batch), framed(probe(9))]), 9))).toEqual(after);
  });
});

describe("M2: a batch is answered when all of it is", () => {
  test("what takes long is waited for, other messages are not", async () => {
    await using host = new RawHost(lines);
    const handle = await host.load("hostile");
    const hang = call(handle, "hang", "slow");
    await host.send(`[${probe(1)},${hang},${notification},${call(handle, "count", "behind")}]\n${probe(2)}\n`);
    expect((await host.messages(2)).json.id).toBe(2);
    await host.send('{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"slow"}}\n');
    await host.messages(3);
    expect(inShort(host.said.slice(2))).toEqual(["[1 REQUEST_CANCELLED slow result behind]"]);
    await host.finish();
  });

  test("the end of input: it is answered first (M6)", async () => {
    await using host = new RawHost(lines);
    const handle = await host.load("hostile");
    await host.send(`[${call(handle, "count", "a")},${probe(1)},${call(handle, "count", "b")}]`);
    expect(inShort(await host.finish()).slice(1)).toEqual(["[1 result a result b]"]);
  });

  test("M3: an id that is in flight is refused, within the batch and beside it", async () => {
    await using host = new RawHost(lines);
    const handle = await host.load("hostile");
    const hang = call(handle, "hang", "slow");
    await host.send(`[${hang},${hang}]\n`);
    expect((await host.ask(`${hang}\n`)).error.data.kind).toBe("DUPLICATE_ID");
    await host.send('[{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"slow"}}]\n');
    await host.messages(3);
    expect(inShort(host.said.slice(2))).toEqual(["[DUPLICATE_ID slow REQUEST_CANCELLED slow]"]);
    await host.finish();
  });
});

test("M2: shutdown and exit in a batch: the answer comes, then the end", async () => {
  const input = `[${probe(1)},{"jsonrpc":"2.0","id":2,"method":"shutdown"},{"jsonrpc":"2.0","method":"exit"}]\n`;
  expect(inShort(await replies(input, lines))).toEqual(["[1 result 2]"]);
});

test("M2: 100000 messages are a batch, one more is refused as a whole", async () => {
  const batch = (size: number) => `[${Array(size).fill(notification).join()}]\n`;
  const first = batch(99_999).replace("[", `[${probe(1)},`);
  const said = await replies(first + batch(100_001) + probe(2), lines);
  expect(inShort(said)).toEqual(["[1]", "INVALID_REQUEST", "2"]);
  expect(said[1]?.json.error.message).toContain("100000");
});

test("M2, W7: answers of a batch that do not fit into memory are left out, each with an error", async () => {
  await using host = new RawHost({ ...lines, args: [...lines.args, "--max-message-bytes=2000000"] });
  const handle = await host.load("hostile");
  const calls = Array.from({ length: 80 }, (_, id) => call(handle, "answer_long", id)); // 1 MiB each
  await host.send(`[${calls.join()}]\n`);
  const batch = await host.messages(2); // the end of input would end calls that take long
  await host.finish();
  const kinds = batch.json.map(({ error }: { error?: { data: { kind: string } } }) => error?.data.kind ?? "result");
  expect(kinds).toEqual([...Array(63).fill("result"), ...Array(17).fill("OVERLOADED")]);
});

function call(handle: string, what: string, id: string | number): string {
  const params = { handle, input: { do: what } };
  return JSON.stringify({ jsonrpc: "2.0", id, method: "plugin/execute", params });
}
