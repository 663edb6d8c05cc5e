// W7, E7, N1: memory stays bounded while a host does not read, whatever its plugins write; and nothing grows with crashes.

import { readdirSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { expect, test } from "vitest";
import { call, listed, start, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import { Host, type Message } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { childrenOf } from "../support/processes.ts";

/** In MiB (Linux: proc(5)). */
function memory(pid: number, what: "VmHWM" | "VmRSS"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${what}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
}

const resident = (host: Host): number => memory(host.child.pid as number, "VmRSS");

test("a host that does not read, and plugins that flood their output and answer at length", {
  timeout: 120_000,
}, async () => {
  await using host = await watchingHost({ args: ["--max-message-bytes=16000000"] });
  await using gate = new Gate();
  const flooding = [await host.load("hostile"), await host.load("hostile")];
  for (const handle of flooding) expect((await call(host, handle, "flood_after")).result.success).toBe(true);
  const talking = await host.load("hostile");
  const standing = await host.load("hostile");
  const last = start(host, standing, "wait_at_gate", gate.input);
  await gate.reached(); // later ones are not read any more, once the host does not read (W7)
  const floods = ["flood", "flood_lines", "flood_binary"].map((what) => start(host, talking, what));
  const long = Array.from({ length: 200 }, () => start(host, talking, "answer_long"));
  (host.child.stdout as Readable).pause();
  const flooder = (await pidsOf(host)).slice(0, 2);
  await written(flooder, 300 << 20);
  expect(memory(host.child.pid as number, "VmHWM")).toBeLessThan(400);

  (host.child.stdout as Readable).resume();
  await gate.open();
  for (const id of [...floods, ...long, last]) expect((await host.answer(id)).result.success).toBe(true);
  expect(memory(host.child.pid as number, "VmHWM")).toBeLessThan(400);
  const logs = host.messages.filter(({ method }) => method === "plugin/log");
  expect(logs.some(({ params }) => (params?.droppedBytes as number) > 0)).toBe(true);
});

/** The workers, in the order in which they were started. */
async function pidsOf(host: Host): Promise<number[]> {
  return childrenOf(host.child.pid as number).sort((one, other) => one - other);
}

/** Waits until processes have written so much, all together. */
async function written(pids: readonly number[], bytes: number): Promise<void> {
  const sum = () =>
    pids.reduce(
      (total, pid) => total + Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]),
      0,
    );
  const enough = sum() + bytes;
  await expect.poll(sum, { timeout: 60_000, interval: 20 }).toBeGreaterThan(enough);
}

test("P3, E5: descriptors and memory do not grow over 1,000 crashes and loads", { timeout: 900_000 }, async () => {
  // The memory in which a JavaScript engine has what is young doubles now and then where there is much to do; not here.
  await using host = new Host({ env: { NODE_OPTIONS: "--max-semi-space-size=2" } });
  const { pid } = host.child;
  const open = () => readdirSync(`/proc/${pid}/fd`).length;
  const settled = () => expect.poll(() => childrenOf(pid as number).length).toBe(0);
  const kinds = async (messages: readonly Promise<Message>[]) =>
    (await Promise.all(messages)).map(({ error }) => error?.data.kind);

  /** Half of them crash while they are loaded, half when they are called. */
  const crash = async (rounds: number): Promise<void> => {
    for (let n = 0; n < rounds; n += 4) {
      const doomed = [1, 2].map(() => host.request("plugin/load", { path: plugin("crashes-at-load") }));
      const handles = await Promise.all([1, 2].map(() => host.load("hostile")));
      expect(await kinds(handles.map((handle) => call(host, handle, "segv")))).toEqual(Array(2).fill("PLUGIN_CRASHED"));
      expect(await kinds(doomed)).toEqual(Array(2).fill("PLUGIN_CRASHED"));
      for (const handle of handles) await host.result("plugin/unload", { handle, force: true });
      host.messages.length = 0;
    }
    await settled();
  };
  await crash(800);
  const before = { descriptors: open(), resident: resident(host) };
  await crash(1000);
  await expect.poll(open).toBeLessThanOrEqual(before.descriptors);
  expect(resident(host)).toBeLessThan(before.resident + 32);
  expect((await host.result("plugin/list")).plugins).toEqual([]);
});

test("E5: what a plugin writes to stderr is kept to its last 4 KiB, in whatever pieces it comes", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const { error } = await call(host, handle, "last_words");
  expect(Buffer.byteLength(error?.data.stderrTail as string)).toBeLessThanOrEqual(3 * 4096); // each stray byte is U+FFFD
  expect(error?.data.stderrTail).toMatch(/last words \ufffd+$/);
  expect((await listed(host, handle)).stats.crashes).toBe(1);
});

test("P14: frames that begin and do not end share one budget, nobody waits for them, and it is given back", {
  timeout: 120_000,
}, async () => {
  await using host = await watchingHost({ args: ["--max-message-bytes=16000000"] });
  const honest = await host.load("hostile");
  expect((await call(host, honest, "answer_long")).result.success).toBe(true);
  const before = resident(host);
  const handles = await Promise.all(Array.from({ length: 16 }, () => host.load("hostile")));
  const begun = handles.map((handle) => start(host, handle, "begin_long_frame"));
  expect((await call(host, honest, "answer_long")).result.success).toBe(true);
  // Those that fit into it hold it until others need it; those are enough for none of the rest to wait.
  const first = await Promise.race(begun.map((id) => host.answer(id)));
  expect(first.error?.data.kind).toBe("PLUGIN_CRASHED");
  expect(first.error?.message).toMatch(/a frame of 15000000 bytes that it began and did not end/);
  for (let n = 0; n < 3; n++) expect((await call(host, honest, "answer_long")).result.success).toBe(true);
  expect(memory(host.child.pid as number, "VmHWM")).toBeLessThan(before + 4 * 16 + 16 + 96);
  for (const handle of handles) await host.result("plugin/unload", { handle, force: true });
  await expect.poll(() => resident(host)).toBeLessThan(before + 32);
});
