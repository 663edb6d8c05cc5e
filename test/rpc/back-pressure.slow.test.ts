// W4 to W7: bounded memory and linear time, whatever comes in, and whether the host reads or not.
// The bounds are far above what is needed, and far below what would be needed without the rule.

import { setTimeout } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { framed, inShort, probe, RawHost } from "../support/raw-host.ts";

vi.setConfig({ testTimeout: 300_000 }); // hundreds of megabytes, on a machine that may have other work

const MB = 1_000_000;
const lines = { framing: "lines", args: ["--framing=lines"] } as const;

/** A request as a line; the id null, for it comes many times. */
function request(method: string, params: object = {}): Buffer {
  return Buffer.from(`${JSON.stringify({ jsonrpc: "2.0", id: null, method, params })}\n`);
}

describe("W7: while the host does not read, the program stops reading, and holds little; later all is answered", () => {
  const execute = (input: object) => (handle: string) => request("plugin/execute", { handle, input });
  test.each([
    ["an unknown method", () => request("probe"), 250],
    ["plugin/list", () => request("plugin/list"), 250],
    ["plugin/validate, which is answered later", () => request("plugin/validate", { path: "/nonexistent" }), 300],
    ["rpc.discover, of which the answer is long", () => request("rpc.discover"), 400],
    ["calls that fail", () => request("plugin/execute", { handle: "none" }), 250],
    ["calls of a fast plugin", execute({}), 250],
    ["calls whose results are long", execute({ do: "answer_long" }), 350],
    ["calls with long inputs", execute({ x: "x".repeat(100_000) }), 350],
  ])("%s", async (_, requestOf, megabytes) => {
    await using host = new RawHost({
      ...lines,
      args: [...lines.args, "--max-message-bytes=16000000", "--max-pending=400"],
    });
    const handle = await host.load("hostile");
    host.stdout.pause();
    const { requests, stopped, taken } = await flood(host, requestOf(handle), 300 * MB);
    expect(stopped).toBe(true);
    expect(host.peakMemory).toBeLessThan(megabytes);
    host.stdout.resume();
    await taken;
    expect(await all(host, 1 + requests, megabytes)).toHaveLength(1 + requests);
  });

  test("headers", async () => {
    await using host = new RawHost();
    host.stdout.pause();
    const body = JSON.stringify({ jsonrpc: "2.0", id: null, method: "rpc.discover" });
    const { requests, stopped, taken } = await flood(host, framed(body), 300 * MB);
    expect(stopped).toBe(true);
    expect(host.peakMemory).toBeLessThan(400);
    host.stdout.resume();
    await taken;
    expect(await all(host, requests, 400)).toHaveLength(requests);
  });

  test("a plugin that hangs: 300 MB of calls of 1 MB are refused once a part of them waits (E7)", async () => {
    await using host = new RawHost({ ...lines, args: [...lines.args, "--drain-ms=2000"] });
    const handle = await host.load("hostile");
    host.stdout.pause();
    const hang = request("plugin/execute", { handle, input: { do: "hang", x: "x".repeat(MB) } });
    const { requests, taken } = await flood(host, hang, 300 * MB);
    host.stdout.resume();
    await taken;
    expect(host.peakMemory).toBeLessThan(550);
    const kinds = inShort(await host.finish()).slice(1);
    expect(kinds).toHaveLength(requests);
    expect(new Set(kinds)).toEqual(new Set(["OVERLOADED", "SHUTTING_DOWN"]));
  });

  test("W6: requests that wait keep no more than they need of what was sent, and are refused once they are too many", async () => {
    const args = [...lines.args, "--drain-ms=0", "--max-message-bytes=2000000"];
    await using host = new RawHost({ ...lines, args });
    const handle = await host.load("hostile");
    await host.send(request("plugin/execute", { handle, input: { do: "hang" } }));
    const reload = JSON.stringify({ jsonrpc: "2.0", id: null, method: "plugin/reload", params: { handle } });
    const long = Buffer.from(`${reload.replace("}", `},"x":"${"x".repeat(MB)}"`)}\n`);
    for (let i = 0; i < 300; i++) await host.send(long);
    await host.send(`${reload}\n`.repeat(20_000));
    expect((await host.messages(2)).json.error.data.kind).toBe("OVERLOADED");
    expect(host.peakMemory).toBeLessThan(300);
  });
});

describe("W4, W5, W6: what is skipped is not kept", () => {
  test("10 GB that are announced: answered before they come", async () => {
    await using host = new RawHost();
    await host.send("Content-Length: 10000000000\r\n\r\n");
    expect((await host.messages(1)).json.error.data).toMatchObject({ kind: "MESSAGE_TOO_LARGE", size: 10_000_000_000 });
    for (let i = 0; i < 200; i++) await host.send(Buffer.alloc(MB, "Content-Length: 1\n\n"));
    expect(host.said).toHaveLength(1);
    expect(host.peakMemory).toBeLessThan(200);
  });

  test.each([
    ["before any header", ""],
    ["behind a message", framed(probe(1)).toString()],
  ])("50 MB of junk %s", async (_, before) => {
    await using host = new RawHost();
    await host.send(before);
    for (let i = 0; i < 50; i++) await host.send(Buffer.alloc(MB, "junk: Content-Length: x\n"));
    for (let i = 0; i < 50; i++) await host.send(Buffer.alloc(MB, "junk"));
    await host.send(framed(probe(2)));
    const expected = [...(before === "" ? [] : ["1"]), "BAD_FRAME", "2"];
    expect(inShort(await all(host, expected.length, 200))).toEqual(expected);
  });

  test("lines: 200 MB without an end", async () => {
    await using host = new RawHost(lines);
    for (let i = 0; i < 200; i++) await host.send(Buffer.alloc(MB, "x"));
    await host.send(`\n${probe(1)}\n`);
    expect(inShort(await all(host, 2, 350))).toEqual(["MESSAGE_TOO_LARGE", "1"]);
  });
});

describe("W6, M7: messages that are unlike any other", () => {
  const nested = "[".repeat(100_000) + "]".repeat(100_000);
  const many = (element: (i: number) => string) => Array.from({ length: 1_000_000 }, (_, i) => element(i)).join();
  const withParams = (method: string, params: string) =>
    `{"jsonrpc":"2.0","id":"it","method":"${method}","params":${params}}`;

  test.each([
    ["100,000 arrays in each other", nested, "[INVALID_REQUEST]"],
    ["100,000 arrays in each other, not closed", nested.slice(0, 150_000), "PARSE_ERROR"],
    ["100,000 arrays in each other as params", withParams("plugin/list", nested), "INVALID_PARAMS it"],
    [
      "100,000 arrays in each other as a member",
      withParams("plugin/metadata", `{"handle":${nested}}`),
      "INVALID_PARAMS it",
    ],
    ["100,000 arrays in each other as an id", `{"jsonrpc":"2.0","id":${nested},"method":"x"}`, "INVALID_REQUEST"],
    ["a batch of 1,000,000", `[${many(() => "1")}]`, "INVALID_REQUEST"],
    ["a batch of 1,000,000 requests", `[${many(() => probe(1))}]`, "INVALID_REQUEST"],
    ["1,000,000 members", withParams("plugin/list", `{${many((i) => `"${i}":1`)}}`), "INVALID_PARAMS it"],
    ["1,000,000 mistakes", withParams("plugin/discover", `{"dirs":[${many(() => "1")}]}`), "INVALID_PARAMS it"],
    [
      "as many mistakes as are looked for",
      withParams("plugin/discover", `{"dirs":[${Array(500_000).fill("1").join()}]}`),
      "INVALID_PARAMS it",
    ],
    ["a name of 20 MB", withParams("plugin/list", `{"${"x".repeat(20 * MB)}":1}`), "INVALID_PARAMS it"],
    ["a handle of 20 MB", withParams("plugin/metadata", `{"handle":"${"x".repeat(20 * MB)}"}`), "INVALID_PARAMS it"],
    ["a method of 20 MB", withParams("x".repeat(20 * MB), "{}"), "it"],
  ])("%s", async (_, message, expected) => {
    await using host = new RawHost(lines);
    await host.send(`${message}\n${probe(1)}\n`);
    const said = await all(host, 2, 300);
    expect(inShort(said).toSorted()).toEqual([expected, "1"].toSorted());
    for (const { text } of said) expect(text.length).toBeLessThan(100_000);
  });

  test("100,000 arrays in each other as a plugin's input", async () => {
    await using host = new RawHost(lines);
    const handle = await host.load("echo");
    await host.send(`${withParams("plugin/execute", `{"handle":"${handle}","input":{"a":${nested}}}`)}\n`);
    const [, said] = await all(host, 2, 250);
    expect(said?.text).toContain(`"input":{"a":${nested}},`);
  });

  test("a batch of 100,000 that is wrong throughout has 100,000 errors", async () => {
    await using host = new RawHost(lines);
    await host.send(`[${Array(100_000).fill("1").join()}]\n`);
    const [said] = await all(host, 1, 400);
    expect(said?.json).toHaveLength(100_000);
  });
});

test.each(["headers", "lines"] as const)(
  "W7: a closed stdout ends the program while requests pour in (%s)",
  async (framing) => {
    await using host = new RawHost({ framing });
    await host.send(framing === "lines" ? `${probe(1)}\n` : framed(probe(1)));
    await host.messages(1);
    host.stdout.destroy();
    const block = Buffer.concat(
      Array(1000).fill(framing === "lines" ? Buffer.from(`${probe(2)}\n`) : framed(probe(2))),
    );
    while (!host.stdin.destroyed) await host.send(block);
    expect(await host.ended()).toEqual({ status: 74, signal: null });
    expect(host.stderr).toBe("");
  },
);

describe("W6: linear time: four times the input takes nowhere near sixteen times as long", () => {
  const text = (n: number) => `{"a":"${"x\\n".repeat(n / 3)}"}`;
  test.each([
    ["a long line", (n: number) => `${text(n)}\n`, 15 * MB],
    ["many short lines", (n: number) => "{}\n".repeat(n), 10_000],
    ["arrays in each other", (n: number) => `${"[".repeat(n)}\n`, 10 * MB],
    ["a batch", (n: number) => `[${Array(n).fill("{}").join()}]\n`, 10_000],
    ["members", (n: number) => `{${Array.from({ length: n }, (_, i) => `"${i}":1`).join()}}\n`, 300_000],
  ] as const)("lines: %s", async (_, inputOf, n) => {
    await expectLinear("lines", inputOf, n);
  });

  test.each([
    ["a long body", (n: number) => framed(text(n)).toString(), 15 * MB],
    ["junk that begins like a header", (n: number) => `junk\n${"content-length: 1".repeat(n / 17)}`, 15 * MB],
    [
      "headers that are full of spaces",
      (n: number) => `X: a${" ".repeat(n)}b\nContent-Length: 0\n\n`.repeat(200),
      2000,
    ],
    ["headers that are full of lines", (n: number) => `${"a:\n".repeat(n)}Content-Length: 0\n\n`.repeat(1000), 600],
  ] as const)("headers: %s", async (_, inputOf, n) => {
    await expectLinear("headers", inputOf, n);
  });
});

/** By the time of the processor: other work on the machine does not count. */
async function expectLinear(framing: "headers" | "lines", inputOf: (n: number) => string, n: number): Promise<void> {
  await using host = new RawHost({ framing, args: [`--framing=${framing}`] });
  const last = framing === "lines" ? `${probe("last")}\n` : framed(probe("last"));
  const took = async (size: number) => {
    const input = Buffer.from(`${inputOf(size)}${last}`);
    const before = host.processorMs;
    await host.send(input);
    while (inShort(host.said.slice(-1))[0] !== "last") await host.messages(host.said.length + 1);
    host.said.length = 0;
    return host.processorMs - before;
  };
  await took(n); // until then everything is slow
  const small = Math.min(await took(n), await took(n));
  const large = Math.min(await took(4 * n), await took(4 * n));
  expect(large).toBeLessThan(10 * Math.max(small, 50)); // of less the clock does not tell much
}

/** Waits for the messages, then ends. @returns all; the memory that they took stays below the bound, in MiB */
async function all(host: RawHost, count: number, megabytes: number): Promise<RawHost["said"]> {
  await host.messages(count);
  expect(host.peakMemory).toBeLessThan(megabytes);
  return await host.finish();
}

/** More than the pipe and the program take in one go. */
const BLOCK_BYTES = 128 * 1024;
const LOOK_MS = 25;
const QUIET_LOOKS = 40;

interface Flood {
  /** How many requests were sent. */
  requests: number;
  /** Whether the program stopped reading before it had all. */
  stopped: boolean;
  /** Resolves when the program has read all that was sent. */
  taken: Promise<void>;
}

/** Sends a request again and again, until the program does not take it any more, or `total` bytes are sent. */
async function flood(host: RawHost, request: Buffer, total: number): Promise<Flood> {
  const times = Math.ceil(BLOCK_BYTES / request.length);
  const block = Buffer.concat(Array(times).fill(request));
  for (let sent = 1; ; sent++) {
    const taken = host.send(block);
    const stopped = !(await isTaken(host, taken));
    if (stopped || sent * block.length >= total) return { requests: sent * times, stopped, taken };
  }
}

/** Whether the program reads on; it does not where it has nothing to do although there is something to read. */
async function isTaken(host: RawHost, taken: Promise<void>): Promise<boolean> {
  let isDone = false;
  const done = taken.then(() => {
    isDone = true;
  });
  for (let quiet = 0, before = -1; quiet < QUIET_LOOKS && !isDone; ) {
    await Promise.race([done, setTimeout(LOOK_MS)]);
    const now = host.processorMs;
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
  return isDone;
}
