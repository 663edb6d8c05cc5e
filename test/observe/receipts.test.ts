// R1, R2: calls that crash or time out are kept, and run again.

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { libraryName } from "../../fixtures/plugins.ts";
import { MOST_RECEIPTS, ReceiptDirectory } from "../../src/observe/receipt-directory.ts";
import { call, watchingHost } from "../support/calls.ts";
import { plugin } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { line, messagesOf, type Outcome, run } from "../support/run.ts";

const plugins = new PluginDirectory();
afterAll(() => plugins[Symbol.dispose]());
const records = join(plugins.path, "records");
beforeEach(() => rmSync(records, { recursive: true, force: true }));

/** Has the hostile plugin fail in `dlrpc exec --record`. @returns the receipt's path */
async function recorded(input: string, ...args: string[]): Promise<string> {
  const { status, stderr } = await run(["exec", plugin("hostile"), "--record", records, "--input", input, ...args]);
  expect(status).not.toBe(0);
  const [, path = ""] = /dlrpc replay (.+)$/m.exec(stderr) ?? [];
  expect(existsSync(path)).toBe(true);
  return path;
}

const replay = (path: string, ...args: string[]): Promise<Outcome> => run(["replay", path, ...args]);
const kept = () => (existsSync(records) ? readdirSync(records) : []);

/** The same receipt with something else in it. */
function changed(path: string, change: (receipt: Record<string, unknown>) => unknown): string {
  const made = join(plugins.path, "made.json");
  rmSync(made, { force: true });
  writeFileSync(made, JSON.stringify(change(JSON.parse(readFileSync(path, "utf8")))), { mode: 0o600 });
  return made;
}

describe("R1: serve --record", () => {
  test("keeps a call that crashes and one that times out, for their owner only; nothing of others", async () => {
    await using host = await watchingHost({ args: ["--record", records] });
    const handle = await host.load("hostile");
    const crash = (await call(host, handle, "segv")).error?.data as Record<string, unknown>;
    const late = (await call(host, handle, "hang", { timeoutMs: 100 })).error?.data as Record<string, unknown>;
    expect((await call(host, handle, "count")).result.success).toBe(true);
    expect((await call(host, handle, "answer_not_json")).error?.data).not.toHaveProperty("receipt");
    expect(kept().map((name) => join(records, name))).toEqual([crash.receipt, late.receipt]);
    expect(statSync(records).mode & 0o777).toBe(0o700);
    for (const path of [crash.receipt, late.receipt]) expect(statSync(path as string).mode & 0o777).toBe(0o600);
    const receipt = JSON.parse(readFileSync(late.receipt as string, "utf8"));
    expect(receipt).toMatchObject({ receipt: 1, timeoutMs: 100, failure: { kind: "PLUGIN_TIMEOUT", signal: null } });
  });

  test("says what the plugin was given as it was written, with its grants and its library's hash", async () => {
    const workspace = plugins.directory("workspace");
    await using host = await watchingHost({ args: ["--record", records] });
    const sandbox = { profile: "strict", network: true, write: [workspace], memoryMb: 512 };
    const { handle, integrity } = await host.result("plugin/load", { path: plugin("hostile"), sandbox });
    const params = `{"handle":"${handle}","input":{"do":"segv","n":1.50,"big":12345678901234567890},"config":{"c": 1e2}}`;
    host.send(`{"jsonrpc":"2.0","id":"r","method":"plugin/execute","params":${params}}`);
    const { receipt: path } = ((await host.answer("r")).error?.data ?? {}) as Record<string, string>;
    const text = readFileSync(path as string, "utf8");
    expect(text).toContain(
      '"context":{"input":{"do":"segv","n":1.50,"big":12345678901234567890},"workspace_root":null,',
    );
    expect(JSON.parse(text)).toMatchObject({
      plugin: { name: "hostile", path: plugin("hostile"), integrity },
      sandbox: { profile: "strict", network: true, exec: false, read: [], write: [workspace], memoryMb: 512 },
      failure: { kind: "PLUGIN_CRASHED", signal: "SIGSEGV", exitCode: null, reason: "crash" },
    });
  });

  test("without the option nothing is kept", async () => {
    await using host = await watchingHost();
    const { error } = await call(host, await host.load("hostile"), "segv");
    expect(error?.data).not.toHaveProperty("receipt");
  });

  test("keeps at most so many, and the oldest go first; other files are left alone", async () => {
    mkdirSync(records, { mode: 0o700 });
    writeFileSync(join(records, "mine.json"), "");
    const names = Array.from(
      { length: MOST_RECEIPTS },
      (_, i) => `20200101T0000${String(i).padStart(5, "0")}Z-a-1-1.json`,
    );
    for (const name of names) writeFileSync(join(records, name), "{}");
    const path = await recorded('{"do":"segv"}');
    expect(kept()).toHaveLength(MOST_RECEIPTS + 1);
    expect(kept()).toEqual(expect.arrayContaining(["mine.json", path.slice(records.length + 1), names.at(-1)]));
    expect(kept()).not.toContain(names[0]);
  });

  test("makes room by bytes", () => {
    const directory = new ReceiptDirectory(records);
    for (let i = 0; i < 2; i++) {
      const name = join(records, `2020010${i + 1}T000000000Z-a-1-1.json`);
      writeFileSync(name, "");
      truncateSync(name, 200 * 1024 * 1024);
    }
    expect(directory.keep("hello", [Buffer.from("{}")])).toMatch(/-hello-\d+-1\.json$/);
    expect(kept()).toHaveLength(2);
    expect(directory.keep("hello", [Buffer.alloc(17 * 1024 * 1024)])).toBeUndefined();
  });

  test.each([
    ["a file", () => writeFileSync(records, ""), "is no directory"],
    ["a link", () => symlinkSync(plugins.path, records), "is no directory"],
    [
      "one that others may write to",
      () => execFileSync("mkdir", ["-m", "770", records]),
      "may be written to by its group",
    ],
    ["one in a directory that is not there", () => {}, "ENOENT"],
  ])("refuses %s, with status 2", async (what, make, says) => {
    make();
    const path = what.endsWith("not there") ? join(records, "deeper") : records;
    for (const verb of [["serve"], ["mcp"], ["exec", plugin("hostile")]]) {
      const { status, stdout, stderr } = await run([...verb, "--record", path]);
      expect([status, stdout, stderr]).toEqual([2, "", expect.stringMatching(new RegExp(`--record: .*${says}`))]);
    }
  });

  test("a disk on which there is no room is a warning once, and the answers come", async () => {
    mkdirSync(records, { mode: 0o700 });
    const script = `mount -t tmpfs -o size=4k,mode=700 none "${records}"; head -c 4096 /dev/zero > "${records}/full"; exec "$@"`;
    const through = ["unshare", "--map-root-user", "--mount", "sh", "-euc", script, "sh"];
    await using host = await watchingHost({ through, args: ["--record", records] });
    const handle = await host.load("hostile");
    for (let i = 0; i < 2; i++) {
      const { error } = await call(host, handle, "segv");
      expect(error?.data.kind).toBe("PLUGIN_CRASHED");
      expect(error?.data).not.toHaveProperty("receipt");
    }
    expect(host.stderr.match(/^dlrpc: warn: .*calls that fail are not recorded: .*$/gm)).toHaveLength(1);
  });
});

test("R1: mcp --record keeps a call of a tool, which dlrpc replay runs again", async () => {
  const clientInfo = { name: "test", version: "1" };
  const begin = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
  const input = [
    line(1, "initialize", begin),
    line(2, "tools/call", { name: "hostile", arguments: { do: "segv" } }),
  ].join("");
  const directory = new PluginDirectory();
  directory.add("hostile", { library: join(plugin("hostile"), libraryName("hostile")) });
  const outcome = await run(["mcp", "--trust", directory.path, "--record", records], { input });
  expect(messagesOf(outcome).find(({ id }) => id === 2).result.isError).toBe(true);
  const [name = ""] = kept();
  expect((await replay(join(records, name))).status).toBe(0);
  directory[Symbol.dispose]();
});

describe("R2: dlrpc replay", () => {
  test.each([
    ["a crash", '{"do":"segv"}', []],
    ["an exit", '{"do":"exit_7"}', []],
    ["a hang", '{"do":"hang"}', ["--timeout-ms=300"]],
  ])("%s ends in the same way, status 0; it says what it grants", async (_, input, args) => {
    const path = await recorded(input, "--sandbox=strict", "--network", `--write=${plugins.path}`, ...args);
    const { status, stdout, stderr } = await replay(path);
    expect([status, stdout]).toEqual([0, ""]);
    expect(stderr).toMatch(/ runs again as at .+, with --sandbox=strict --network --write=\S+ --memory-mb=1024$/m);
    expect(stderr).toMatch(/it ended in the same way: PLUGIN_(?:CRASHED|TIMEOUT)/);
  });

  test("one that ends otherwise is status 1: with a result, by another signal", async () => {
    const path = await recorded('{"do":"segv"}');
    const input = (what: string) => ({ input: { do: what }, workspace_root: null, config: {} });
    const works = await replay(changed(path, (receipt) => ({ ...receipt, context: input("count") })));
    expect([works.status, JSON.parse(works.stdout).success]).toEqual([1, true]);
    expect(works.stderr).toContain("it ended otherwise: with a result; then PLUGIN_CRASHED, SIGSEGV");
    const aborts = await replay(changed(path, (receipt) => ({ ...receipt, context: input("abort") })));
    expect([aborts.status, aborts.stderr]).toEqual([
      1,
      expect.stringContaining("ended otherwise: PLUGIN_CRASHED, SIGABRT"),
    ]);
  });

  test("a library that is another by now is refused, unless --changed", async () => {
    const own = plugins.add("own", {
      library: join(plugin("hostile"), libraryName("hostile")),
      as: [libraryName("own")],
    });
    const { stderr } = await run(["exec", own, "--record", records, "--input", '{"do":"segv"}']);
    const [, path = ""] = /dlrpc replay (.+)$/m.exec(stderr) ?? [];
    copyFileSync(join(plugin("counter"), libraryName("counter")), join(own, libraryName("own")));
    const refused = await replay(path);
    expect([refused.status, refused.stderr]).toEqual([6, expect.stringContaining("give --changed")]);
    expect((await replay(path, "--changed")).status).toBe(1);
  });

  test("what others could have written is refused", async () => {
    const path = await recorded('{"do":"segv"}');
    chmodSync(path, 0o620);
    expect(await replay(path)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("may be written to by its group"),
    });
    chmodSync(path, 0o600);
    symlinkSync(path, join(records, "link"));
    expect(await replay(join(records, "link"))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("is a symbolic link"),
    });
    execFileSync("mkfifo", [join(records, "fifo")]);
    expect(await replay(join(records, "fifo"))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("no regular file"),
    });
    linkSync(path, join(records, "hard"));
    expect((await replay(join(records, "hard"))).status).toBe(0);
  });

  test.each<[string, (receipt: Record<string, unknown>) => unknown, string]>([
    ["an unknown member", (receipt) => ({ ...receipt, extra: 1 }), "extra: unknown member"],
    ["an unknown member within", (r) => ({ ...r, sandbox: { netwrok: true } }), "sandbox.netwrok: unknown member"],
    ["another version", (receipt) => ({ ...receipt, receipt: 2 }), "receipt"],
    ["no context", ({ context: _, ...receipt }) => receipt, "context"],
    [
      "an input that is no object",
      (r) => ({ ...r, context: { input: [], workspace_root: null, config: {} } }),
      "input",
    ],
    ["a deadline in the past", (receipt) => ({ ...receipt, timeoutMs: -1 }), "timeoutMs"],
    ["no object", () => [], "no JSON object"],
  ])("%s is refused, with what is wrong", async (_, change, says) => {
    const { status, stderr } = await replay(changed(await recorded('{"do":"segv"}'), change));
    expect([status, stderr]).toEqual([2, expect.stringContaining(says)]);
  });

  test("junk, a huge file, a missing one and no name are refused", async () => {
    const junk = join(plugins.path, "junk.json");
    writeFileSync(junk, "\u0000{", { mode: 0o600 });
    expect(await replay(junk)).toMatchObject({ status: 2, stderr: expect.stringContaining("no receipt of --record") });
    truncateSync(junk, 5 * 1024 ** 3);
    expect(await replay(junk)).toMatchObject({ status: 2, stderr: expect.stringContaining("at most") });
    expect((await replay(join(plugins.path, "nowhere.json"))).status).toBe(2);
    const unreadable = await replay("/proc/self/mem"); // as a file whose server has gone; not every user may open it
    expect(unreadable).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^dlrpc: .* cannot be (read|opened): /),
    });
    expect((await run(["replay"])).status).toBe(2);
  });

  test("a time that is none is refused: it is shown", async () => {
    const forged = changed(await recorded('{"do":"segv"}'), (receipt) => ({ ...receipt, time: "noon\nwith nothing" }));
    expect(await replay(forged)).toMatchObject({ status: 2, stderr: expect.stringMatching(/^dlrpc: .*time/) });
  });

  test("a plugin that is gone is not found", async () => {
    const gone = changed(await recorded('{"do":"segv"}'), ({ plugin: known, ...receipt }) => ({
      ...receipt,
      plugin: { ...(known as object), path: "/nowhere/at/all" },
    }));
    expect(await replay(gone)).toMatchObject({
      status: expect.any(Number),
      stderr: expect.stringContaining("PATH_NOT_FOUND"),
    });
  });
});
