// L7, P13: out of descriptors, processes or handles: the load says so, what it had begun is undone, and dlrpc ends when asked.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { call, listed } from "../support/calls.ts";
import { Host, type HostOptions, type Message } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { childrenOf } from "../support/processes.ts";

const path = plugin("counter");
const AT_ONCE = 12;

async function loadAtOnce(host: Host): Promise<Message[]> {
  const ids = Array.from({ length: AT_ONCE }, () => host.start("plugin/load", { path }));
  return Promise.all(ids.map((id) => host.answer(id)));
}

/**
 * Loads many plugins at once: each is loaded in full, or refused for want of what is limited, with nothing left of it.
 * @returns how many are loaded
 */
async function expectAllOrNothing(host: Host, expected: object): Promise<number> {
  const answers = await loadAtOnce(host);
  const loaded = answers.flatMap(({ result }) => (result === undefined ? [] : [result]));
  for (const { error } of answers.filter(({ error }) => error !== undefined)) {
    expect(error).toMatchObject({ code: -32012, data: { kind: "RESOURCES_EXHAUSTED", ...expected } });
  }
  for (const { warnings, handle } of loaded) {
    expect(warnings).toEqual([]); // no layer is left out for want of a descriptor
    expect((await host.result("plugin/execute", { handle })).success).toBe(true);
  }
  expect((await host.result("plugin/list")).plugins).toHaveLength(loaded.length);
  await expect.poll(() => childrenOf(host.child.pid as number)).toHaveLength(loaded.length);
  for (const { handle } of loaded) await host.result("plugin/unload", { handle });
  return loaded.length;
}

/** Loads plugins until there is no room for another. */
async function fill(host: Host, what: string): Promise<string[]> {
  const handles: string[] = [];
  for (;;) {
    const { result, error } = await host.request("plugin/load", { path: plugin(what) });
    if (error !== undefined) return handles;
    handles.push(result.handle);
  }
}

const limited = (option: string): HostOptions => ({
  through: ["sh", "-c", `ulimit ${option}; exec "$@"`, "sh"],
  args: ["--drain-ms=500"],
});

describe("L7: too few descriptors", () => {
  test.each([30, 40, 50, 60, 70, 80, 90, 100, 120, 140])("%i", async (limit) => {
    await using host = new Host(limited(`-n ${limit}`));
    for (let round = 0; round < 2; round++) {
      const loaded = await expectAllOrNothing(host, { resource: "descriptors", limit });
      if (limit === 30) expect(loaded).toBeLessThan(AT_ONCE);
      if (limit === 140) expect(loaded).toBeGreaterThan(0);
    }
    expect(await host.end()).toEqual({ status: 0, signal: null });
  });

  test("a signal ends it as well", async () => {
    await using host = new Host(limited("-n 64"));
    await loadAtOnce(host);
    expect((await fill(host, "counter")).length).toBeGreaterThan(0);
    host.child.kill("SIGTERM");
    expect(await host.exit()).toEqual({ status: 0, signal: null });
  });

  test("a crash counts once: the next process has what that one had", async () => {
    await using host = new Host(limited("-n 100"));
    const handle = (await fill(host, "hostile")).at(-1) as string;
    for (let crashes = 1; crashes <= 2; crashes++) {
      expect((await call(host, handle, "segv")).error?.data.kind).toBe("PLUGIN_CRASHED");
      expect((await call(host, handle, "answer_long")).result.success).toBe(true);
      const { state, stats } = await listed(host, handle);
      expect({ state, ...stats }).toMatchObject({ state: "ready", crashes, restarts: crashes });
    }
  });

  test("the audit log and the log say what a load was refused for", async () => {
    const directory = mkdtempSync(join(tmpdir(), "dlrpc-exhausted-"));
    const file = join(directory, "audit.log");
    await using host = new Host({ ...limited("-n 40"), args: ["--log-level=info", "--audit-log", file] });
    const kinds = (await loadAtOnce(host)).flatMap(({ error }) => (error === undefined ? [] : [error.data.kind]));
    expect(kinds.length).toBeGreaterThan(0);
    await host.finish();
    const outcomes = [...readFileSync(file, "utf8").matchAll(/"event":"load".*?"outcome":"(?!ok")([^"]*)"/g)];
    expect(outcomes.map(([, outcome]) => outcome)).toEqual(kinds);
    expect(host.stderr.match(/plugin\/load is refused: RESOURCES_EXHAUSTED/g)).toHaveLength(kinds.length);
    rmSync(directory, { recursive: true });
  });
});

// Root is exempt; a user that nobody else is has just what is started here.
describe.skipIf(process.getuid?.() !== 0)("L7: too few processes", () => {
  test.each([14, 16, 18, 20])("%i", async (limit) => {
    // Not every sh can limit them.
    const other = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "prlimit", `--nproc=${limit}`, "--"];
    await using host = new Host({ through: other, args: ["--drain-ms=500"] });
    const loaded = await expectAllOrNothing(host, { resource: "processes", limit });
    if (limit === 14) expect(loaded).toBeLessThan(AT_ONCE);
    expect(await host.end()).toEqual({ status: 0, signal: null });
  });
});

test("P13: --max-handles, loads under way included; what is unloaded makes room", async () => {
  await using host = new Host({ args: ["--max-handles=2"] });
  const answers = await loadAtOnce(host);
  const handles = answers.flatMap(({ result }) => (result === undefined ? [] : [result.handle]));
  expect(handles).toHaveLength(2);
  const error = await host.error("plugin/load", { path });
  expect(error.data).toMatchObject({ kind: "RESOURCES_EXHAUSTED", resource: "handles", limit: 2 });
  await host.result("plugin/reload", { handle: handles[0] });
  await host.result("plugin/unload", { handle: handles[0] });
  await host.load("counter");
});
