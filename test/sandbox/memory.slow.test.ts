// S5: what counts is memory that is used, of all processes of a plugin together. Who uses more than memoryMb is ended, and
// the error says both numbers; what is merely reserved, mapped from files or given back in time is nobody's business.

import { randomUUID } from "node:crypto";
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { exited } from "../support/calls.ts";
import { attempt, Surroundings, users } from "../support/confined.ts";
import type { Host } from "../support/host.ts";
import { fixturesDirectory, plugin } from "../support/paths.ts";

const path = plugin("memory");
const LIMIT = 64;
/** Where temporary files are may be memory: there they count. */
const onDisk = dirname(fixturesDirectory);

describe.each(users)("S5: as $name", (user) => {
  async function loaded(sandbox: object, use: (host: Host, handle: string) => Promise<void>): Promise<void> {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host({}, ["exited"]);
    const { handle, warnings } = await host.result("plugin/load", { path, sandbox });
    expect(warnings).toEqual([]);
    await use(host, handle);
  }

  test.each([
    ["own", 8192, {}],
    ["fast", 8192, {}],
    ["shared", 2048, {}],
    ["in_blocks", 2048, {}],
    ["tables", 256 * 1024, {}],
    ["tables_beside_another", 256 * 1024, { exec: true }],
    ["together", LIMIT / 2, { exec: true }],
    ["orphaned", LIMIT / 2, { exec: true }],
  ])("%s: too much of it ends the plugin, and the next call works", async (way, mib, grants) => {
    await loaded({ memoryMb: LIMIT, ...grants }, async (host, handle) => {
      const { message, data } = await host.error("plugin/execute", { handle, input: { do: way, mib } });
      expect(data).toMatchObject({ kind: "PLUGIN_CRASHED", reason: "memory", signal: "SIGKILL", memoryMb: LIMIT });
      expect(data.usedMb).toBeGreaterThan(LIMIT);
      expect(message).toBe(
        `The plugin crashed while a call ran: it used ${data.usedMb} MiB of memory, ${LIMIT} are allowed`,
      );
      expect(await exited(host, handle)).toMatchObject({ reason: "crash", willRestart: true });
      expect(await attempt(host, handle, { do: "own", mib: 1 })).toBe("done");
    });
  });

  test.each([
    ["untouched", 4096, {}],
    ["reserved", 1024 * 1024, {}],
    ["given_back", LIMIT / 2, {}],
    ["mapped_twice", (LIMIT * 3) / 4, {}],
    ["threads", 0, {}],
    ["copied", LIMIT / 2, { exec: true }],
    ["spawned", (LIMIT * 3) / 4, { exec: true }],
  ])("%s: does not count, however much it is", async (way, mib, grants) => {
    await loaded({ memoryMb: LIMIT, ...grants }, async (host, handle) => {
      expect(await attempt(host, handle, { do: way, mib })).toBe("done");
      expect((await host.result("plugin/list")).plugins[0].stats.crashes).toBe(0);
    });
  });

  test("files that are mapped do not count", async () => {
    await loaded({ memoryMb: LIMIT }, async (host, handle) => {
      const file = join(onDisk, `large-${randomUUID()}`);
      using _ = { [Symbol.dispose]: () => rmSync(file) };
      writeFileSync(file, "");
      truncateSync(file, 4 * LIMIT * 1024 * 1024);
      expect(await attempt(host, handle, { do: "mapped_file", mib: 4 * LIMIT, path: file })).toBe("done");
    });
  });

  test("500 threads with usual stacks run at the default", async () => {
    await loaded({}, async (host, handle) => {
      expect(await attempt(host, handle, { do: "threads", mib: 0 })).toBe("done");
    });
  });

  test("a thread that is left behind is watched when no call runs", async () => {
    await loaded({ memoryMb: LIMIT }, async (host, handle) => {
      expect(await attempt(host, handle, { do: "after_the_call", mib: 8192 })).toBe("done");
      expect(await exited(host, handle)).toMatchObject({ signal: "SIGKILL", reason: "crash" });
    });
  });

  test("while it is loaded, too", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const { data } = await host.error("plugin/load", { path: plugin("memory-at-load"), sandbox: { memoryMb: LIMIT } });
    expect(data).toMatchObject({ kind: "PLUGIN_CRASHED", operation: "load", reason: "memory", memoryMb: LIMIT });
    expect(data.usedMb).toBeGreaterThan(LIMIT);
  });

  test("the system ends a plugin before it ends others where memory runs out", async () => {
    await loaded({}, async (host) => {
      const { pid } = (await host.result("plugin/list")).plugins[0];
      const preference = (of: number | undefined) => Number(readFileSync(`/proc/${of}/oom_score_adj`, "utf8"));
      expect(preference(pid)).toBeGreaterThan(preference(host.child.pid));
    });
  });
});
