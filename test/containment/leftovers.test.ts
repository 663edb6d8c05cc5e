// P6, L4: what plugins have started ends with their process, however that comes about.

import { afterEach, describe, expect, test } from "vitest";
import { begin, call, cancel, exited, watchingHost } from "../support/calls.ts";
import type { Host } from "../support/host.ts";
import { gone, isAlive } from "../support/processes.ts";

const unconfined = { sandbox: { profile: "none" } };
const leftovers = ["leave_child", "leave_daemon", "leave_tree", "leave_daemon_to_others"];

let started: number[] = [];
afterEach(() => {
  for (const pid of started.filter(isAlive)) process.kill(pid, "SIGKILL"); // where the test failed
  started = [];
});

/** Has a fresh plugin start processes of every kind. @returns its handle, and the processes, its own included */
async function leave(host: Host): Promise<{ handle: string; pids: number[] }> {
  const handle = await host.load("hostile", unconfined);
  const pids: number[] = [(await call(host, handle, "count")).result.output.pid];
  for (const what of leftovers) pids.push(...(await call(host, handle, what)).result.output.pids);
  expect(pids.map(isAlive)).not.toContain(false);
  started = pids;
  return { handle, pids };
}

/** Ways in which a plugin's process ends while dlrpc goes on. */
const ends: Record<string, (host: Host, handle: string) => Promise<unknown>> = {
  unload: (host, handle) => host.result("plugin/unload", { handle }),
  "unload by force": (host, handle) => host.result("plugin/unload", { handle, force: true }),
  reload: async (host, handle) => {
    await host.result("plugin/reload", { handle });
    await exited(host, handle);
  },
  "a crash": (host, handle) => call(host, handle, "segv"),
  "a deadline": (host, handle) => call(host, handle, "hang_blocking_signals", { timeoutMs: 50 }),
  "a cancellation": async (host, handle) => cancel(host, await begin(host, handle, "stop")),
  quarantine: async (host, handle) => {
    for (let i = 0; i < 3; i++) await call(host, handle, "exit_0");
  },
};

describe("a plugin's child, daemon and tree of processes end with its own process", () => {
  test.each(Object.keys(ends))("%s", async (how) => {
    await using host = await watchingHost();
    const other = await host.load("hostile", unconfined);
    const kept = (await call(host, other, "leave_child")).result.output.pids;
    const { handle, pids } = await leave(host);
    await ends[how]?.(host, handle);
    await gone(...pids);
    expect(kept.map(isAlive)).not.toContain(false); // another plugin's are its own
    await host.finish();
    await gone(...kept);
  });
});

/** Ways in which dlrpc ends, with the status or the signal. */
const ways: Record<string, [end: (host: Host) => unknown, status: number | null]> = {
  "the end of stdin": [(host) => host.stdin.end(), 0],
  "shutdown and exit": [
    async (host) => {
      await host.result("shutdown");
      host.notify("exit");
    },
    0,
  ],
  "exit alone": [(host) => host.notify("exit"), 1],
  SIGTERM: [(host) => host.child.kill("SIGTERM"), 0],
  "a closed stdout": [
    (host) => {
      host.child.stdout?.destroy();
      host.start("plugin/list");
    },
    74,
  ],
};

describe("they end with dlrpc", () => {
  test.each(Object.keys(ways))("%s", async (way) => {
    const [end, status] = ways[way] as (typeof ways)[string];
    await using host = await watchingHost();
    const { pids } = await leave(host);
    await end(host);
    expect((await host.exit()).status).toBe(status);
    await gone(...pids);
  });

  test("a second signal, while a call runs", async () => {
    await using host = await watchingHost({ args: ["--drain-ms=2147483647"] });
    const { handle, pids } = await leave(host);
    await begin(host, handle, "hang_blocking_signals");
    host.child.kill("SIGTERM");
    while ((await host.request("plugin/list")).error === undefined);
    host.child.kill("SIGTERM");
    expect((await host.exit()).status).toBe(143);
    await gone(...pids);
  });
});
