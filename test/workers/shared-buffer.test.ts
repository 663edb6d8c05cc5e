// Large values go by memory that dlrpc and a worker share, where they can, and else by the pipes: a host sees no difference.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { BUFFER_BYTES } from "../../native/frames/frames.ts";
import { LARGE_BYTES } from "../../protocol/raw.ts";
import { answered, call, exited, listed, start, watchingHost } from "../support/calls.ts";
import { Host, type HostOptions } from "../support/host.ts";
import { fixturesDirectory } from "../support/paths.ts";

const withhold = join(dirname(fixturesDirectory), "withhold");
const KIB = 1024;
const MIB = 1024 * KIB;

/** Longer than all that is copied at once: no piece of a text can be in the place of another, unseen. */
const pattern = Array.from({ length: 12_501 }, (_, at) => String(at).padStart(8, "-")).join("");

function textOf(length: number): string {
  return Buffer.alloc(length, pattern).toString("latin1");
}

/** How much memory the handle's process shares with others: none of its plugin's own is such. */
async function sharedBytes(host: Host, handle: string): Promise<number> {
  const status = readFileSync(`/proc/${(await listed(host, handle)).pid}/status`, "utf8");
  return Number(/^RssShmem:\s+(\d+) kB$/m.exec(status)?.[1]) * KIB;
}

async function echo(host: Host, handle: string, text: string): Promise<void> {
  const { output } = await host.result("plugin/execute", { handle, input: { text } });
  expect(output.context.input.text === text).toBe(true); // a difference would be printed
}

const limited = (limit: string) => ({ through: ["sh", "-c", `ulimit ${limit} && exec "$@"`, "sh"] });
const surroundings: Record<string, HostOptions> = {
  "pages cannot be had in advance": { through: [withhold, "pages-in-advance"] },
  "files must not be as large": limited("-f 20000"),
  "addresses are limited": limited(`-v ${64 * MIB}`),
};

test("a large value is where both have it, once, and no more when nothing has come for a while", async () => {
  await using host = new Host();
  const handle = await host.load("echo");
  const before = await sharedBytes(host, handle);
  await echo(host, handle, textOf(2 * MIB));
  const shared = (await sharedBytes(host, handle)) - before;
  expect(shared).toBeGreaterThanOrEqual(2 * MIB);
  expect(shared).toBeLessThan(3 * MIB);
  await expect.poll(() => sharedBytes(host, handle)).toBeLessThan(before + LARGE_BYTES);
  await echo(host, handle, textOf(MIB));
});

describe.each(Object.keys(surroundings))("%s:", (what) => {
  test("large values go another way, whole", async () => {
    await using host = new Host(surroundings[what]);
    const handle = await host.load("echo");
    for (const size of [LARGE_BYTES, 3 * MIB, MIB]) await echo(host, handle, textOf(size));
    expect(await sharedBytes(host, handle)).toBeLessThan(MIB);
    expect(host.stderr).toBe("");
  });
});

describe("values come and go whole", () => {
  const ends = [LARGE_BYTES, BUFFER_BYTES].flatMap((end) => [-1, 0, 1].map((more) => [end, more] as const));
  const document = '{"input":{"text":""},"workspace_root":null,"config":{}}\0';
  const result = '{"success":true,"output":{"text":""},"error":null,"files":[]}';

  test.each(ends)("documents of %d %d bytes", async (end, more) => {
    await using host = new Host();
    const handle = await host.load("echo");
    for (let times = 0; times < 2; times++) await echo(host, handle, textOf(end + more - document.length));
  });

  test.each(ends)("results of %d %d bytes", async (end, more) => {
    await using host = new Host();
    const handle = await host.load("hostile");
    const text = textOf(end + more - result.length);
    const config = { success: true, output: { text }, error: null, files: [] };
    const answer = await call(host, handle, "answer_in_place", { config });
    expect(answer.result.output.text === text).toBe(true);
  });

  test.each([64 * KIB, MIB, 16 * MIB])("%d letters", async (letters) => {
    await using host = new Host();
    const handle = await host.load("echo");
    for (let times = 0; times < 3; times++) await echo(host, handle, textOf(letters));
  });

  test.each([
    ["echo", 1],
    ["hostile-thread-safe", 4],
  ])("many at once, large and small, to %s", async (plugin, concurrency) => {
    await using host = new Host({ args: ["--concurrency", String(concurrency)] });
    const handle = await host.load(plugin);
    const sizes = Array.from({ length: 60 }, (_, at) => [10, LARGE_BYTES, 200 * KIB, MIB][at % 4] as number);
    const config = (letters: number, at: number) => ({
      ...{ success: true, output: { at, text: textOf(letters) } },
      ...{ error: null, files: [] },
    });
    const ids = sizes.map((letters, at) =>
      host.start("plugin/execute", { handle, input: { do: "answer_in_place" }, config: config(letters, at) }),
    );
    for (const [at, id] of ids.entries()) {
      const { output } = (await host.answer(id)).result;
      const found = plugin === "echo" ? output.context.config.output : output;
      expect(found.at).toBe(at);
      expect(found.text === textOf(sizes[at] as number)).toBe(true);
    }
  });
});

describe("E5: a plugin that breaks the shared buffer harms its own calls only", () => {
  test("it tells of an answer there, and crashes: that is its answer", async () => {
    await using host = await watchingHost();
    const handle = await host.load("hostile");
    const { result } = await call(host, handle, "share_and_crash");
    expect([result.output, result.files[0].length]).toEqual([{ name: "forged" }, expect.any(Number)]);
    expect(await exited(host, handle)).toMatchObject({ reason: "crash", signal: "SIGABRT" });
    expect((await call(host, handle, "count")).result.output.count).toBe(1);
  });

  test("what is there changes all the time, and whose it is: each call has one answer", async () => {
    await using host = await watchingHost();
    const handle = await host.load("hostile");
    expect((await call(host, handle, "disturb_buffer")).result.success).toBe(true);
    const rest = "x".repeat(500 * KIB);
    const ids = Array.from({ length: 60 }, (_, at) =>
      at % 2 === 0
        ? start(host, handle, "answer_long")
        : start(host, handle, "count", { input: { rest, do: "count" } }),
    );
    for (const id of ids) {
      const { result, error } = await host.answer(id);
      if (error !== undefined) expect(["INVALID_RESULT", "PLUGIN_CRASHED", "PLUGIN_ERROR"]).toContain(error.data.kind);
      else expect(result.success).toBe(true);
    }
    const other = await host.load("echo");
    await echo(host, other, textOf(MIB));
    expect(new Set(answered(host)).size).toBe(answered(host).length);
  });

  test("it takes the memory away: the next values are right", async () => {
    await using host = new Host();
    const handle = await host.load("hostile");
    for (let times = 0; times < 3; times++) {
      expect((await call(host, handle, "answer_long")).result.output.s).toHaveLength(MIB);
      expect((await call(host, handle, "empty_buffer")).result.success).toBe(true);
    }
  });
});
