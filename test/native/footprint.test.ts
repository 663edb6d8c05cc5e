// What a worker has: little memory, one thread unless it serves several calls at once, and of dlrpc's open files its own ends.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { listed } from "../support/calls.ts";
import { Host, type HostOptions } from "../support/host.ts";
import { threadsOf } from "../support/processes.ts";

/** Of a process (proc(5)), in MiB. The bounds are a few times what is there: figures are the benchmark's. */
function memory(pid: number): { size: number; anonymous: number; dirty: number } {
  const read = (file: string, name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/${file}`, "utf8"))?.[1]) / 1024;
  return {
    size: read("status", "VmSize"),
    anonymous: read("smaps_rollup", "Anonymous"),
    dirty: read("smaps_rollup", "Private_Dirty"),
  };
}

async function loaded(host: Host, name: string, params: object = {}): Promise<{ handle: string; pid: number }> {
  const handle = await host.load(name, params);
  return { handle, pid: (await listed(host, handle)).pid };
}

describe("memory of a worker that is idle", () => {
  test("by itself", async () => {
    await using host = new Host();
    const { handle, pid } = await loaded(host, "counter");
    await host.result("plugin/execute", { handle });
    const { size, anonymous, dirty } = memory(pid);
    expect(threadsOf(pid)).toBe(1);
    expect(anonymous).toBeGreaterThan(0);
    expect(anonymous).toBeLessThan(1);
    expect(dirty).toBeLessThan(1);
    expect(size).toBeLessThan(64);
  });

  test("with 16 threads", async () => {
    await using host = new Host({ args: ["--concurrency=16"] });
    const { handle, pid } = await loaded(host, "parallel");
    const calls = Array.from({ length: 16 }, () => host.result("plugin/execute", { handle, input: { meet: 16 } }));
    expect((await Promise.all(calls)).map(({ output }) => output.inside)).toEqual(Array(16).fill(16));
    expect(threadsOf(pid)).toBe(16);
    expect(memory(pid).anonymous).toBeLessThan(4);
    expect(memory(pid).dirty).toBeLessThan(4);
    const { pid: other } = await loaded(host, "counter"); // what is not thread-safe has no use for them
    expect(threadsOf(other)).toBe(1);
  });

  test("some time after a large call", async () => {
    await using host = new Host();
    const { handle, pid } = await loaded(host, "echo");
    await host.result("plugin/execute", { handle, input: { text: "x".repeat(16 << 20) } });
    await expect.poll(() => memory(pid).anonymous).toBeLessThan(4);
  });
});

describe("P6: what a worker has open", () => {
  const open = (pid: number) => {
    const entries = readdirSync(`/proc/${pid}/fd`).map((number) => {
      const [, flags = "0"] = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${number}`, "utf8")) ?? [];
      const what = readlinkSync(`/proc/${pid}/fd/${number}`);
      return [
        number,
        { what: what.replace(/:\[\d+\]$/, ""), forChildren: (Number.parseInt(flags, 8) & 0o2000000) === 0 },
      ];
    });
    return Object.fromEntries(entries);
  };
  const its = (what: unknown) => ({ what, forChildren: false });
  const standard = (what: unknown) => ({ what, forChildren: true });
  const expected = {
    0: standard("/dev/null"),
    1: standard(expect.stringMatching(/^(socket|pipe)$/)),
    2: standard(expect.stringMatching(/^(socket|pipe)$/)),
    3: its("pipe"),
    4: its("pipe"),
  };
  const library = its(expect.stringMatching(/\/dlrpc-private-\w+\/\d+\/lib[a-z-]+\.so$/));
  /** A host that has left a file open for dlrpc, which has others of its own. */
  const options: HostOptions = { through: ["sh", "-c", 'exec 9</etc/passwd; exec "$@"', "sh"] };

  test.each(["none", "standard", "strict"])("under the profile %s, beside other plugins", async (profile) => {
    await using host = new Host(options);
    await host.result("initialize", { workspaceRoot: "/tmp" });
    const sandbox = { profile };
    const first = await loaded(host, "counter", { sandbox });
    const second = await loaded(host, "hostile", {
      sandbox: { ...sandbox, ...(profile !== "none" && { read: ["/usr"] }) },
    });
    for (const { pid } of [first, second]) expect(open(pid)).toEqual({ ...expected, 7: library });
    const started = open(first.pid);
    await host.result("plugin/execute", { handle: first.handle });
    expect(open(first.pid)).toEqual(started);
  });

  test("with several threads, and after a crash", async () => {
    await using host = new Host({ ...options, args: ["--concurrency=4"] });
    const { handle, pid } = await loaded(host, "hostile-thread-safe");
    expect(open(pid)).toEqual({ ...expected, 7: library });
    await host.error("plugin/execute", { handle, input: { do: "segv" } });
    await host.result("plugin/execute", { handle });
    expect(open((await listed(host, handle)).pid)).toEqual({ ...expected, 7: library });
  });

  test("where a library is loaded by its name, with another beside it", async () => {
    await using host = new Host(options);
    const { pid } = await loaded(host, "companion");
    expect(open(pid)).toEqual(expected);
  });
});
