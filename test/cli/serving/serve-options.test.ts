// Each option of serve has its effect. What the rules behind them mean in full is tested where the rules are.

import { spawn } from "node:child_process";
import { chmodSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { libraryName } from "../../../fixtures/plugins.ts";
import { begin, listed, start, watchingHost } from "../../support/calls.ts";
import { Host } from "../../support/host.ts";
import { fixturesDirectory, plugin } from "../../support/paths.ts";
import { PluginDirectory } from "../../support/plugin-directory.ts";
import { line, messagesOf, run } from "../../support/run.ts";

const request = line(1, "plugin/list");
const answer = '{"jsonrpc":"2.0","id":1,"result":{"plugins":[]}}';

test("initialize shows what was set", async () => {
  const args = [
    "--max-message-bytes=1000",
    "--max-pending=7",
    "--concurrency=3",
    "--timeout-ms=500",
    "--drain-ms=0",
    "--cancel-grace-ms=9",
  ];
  await using host = new Host({ args });
  const { limits } = await host.result("initialize");
  expect(limits).toEqual({
    maxMessageBytes: 1000,
    maxPending: 7,
    concurrency: 3,
    timeoutMs: 500,
    cancelGraceMs: 9,
    drainMs: 0,
  });
});

test("--framing=lines takes a message with a header for lines (W3)", async () => {
  const outcome = await run(["--framing=lines"], { input: `Content-Length: 5\r\n\r\n${request}` });
  expect(messagesOf(outcome).map(({ id, error }) => [id, error?.data.kind])).toEqual([
    [null, "PARSE_ERROR"],
    [1, undefined],
  ]);
});

test("--framing=headers takes a line for a broken header (W3)", async () => {
  const { stdout } = await run(["--framing=headers"], { input: `${request}Content-Length: 2\r\n\r\n[]` });
  const bodies = stdout
    .split(/Content-Length: \d+\r\n\r\n/)
    .slice(1)
    .map((body) => JSON.parse(body));
  expect(bodies.map(({ error }) => error.data.kind)).toEqual(["BAD_FRAME", "INVALID_REQUEST"]);
});

test("--framing=auto finds out (W3)", async () => {
  expect((await run(["--framing=auto"], { input: request })).stdout).toBe(`${answer}\n`);
  const input = `Content-Length: ${request.length}\r\n\r\n${request}`;
  expect((await run(["--framing=auto"], { input })).stdout).toBe(`Content-Length: ${answer.length}\r\n\r\n${answer}`);
});

test("--max-message-bytes: a longer message is refused, the next one works (W4)", async () => {
  const input = line(0, "plugin/list", { padding: "x".repeat(200) }) + request;
  const [tooLong, fine] = messagesOf(await run(["--max-message-bytes=200"], { input }));
  expect([tooLong.id, tooLong.error.data]).toMatchObject([null, { kind: "MESSAGE_TOO_LARGE", limit: 200 }]);
  expect(fine).toEqual(JSON.parse(answer));
});

test("--max-pending: one more call than that is refused (E7)", async () => {
  await using host = await watchingHost({ args: ["--max-pending=1"] });
  const handle = await host.load("hostile");
  await begin(host, handle, "hang");
  start(host, handle, "count");
  expect((await host.error("plugin/execute", { handle })).data.kind).toBe("OVERLOADED");
});

test("--timeout-ms ends a call for which nobody said how long it may run (E3)", async () => {
  await using host = new Host({ args: ["--timeout-ms=1000"] }); // the load itself may take as long
  const handle = await host.load("hostile");
  const { data } = await host.error("plugin/execute", { handle, input: { do: "hang" } });
  expect(data).toMatchObject({ kind: "PLUGIN_TIMEOUT", timeoutMs: 1000 });
});

test("--drain-ms=0 waits for nothing at the end (L2)", async () => {
  await using host = new Host({ args: ["--drain-ms=0"] });
  const handle = await host.load("hostile");
  const call = start(host, handle, "hang");
  await host.result("shutdown");
  const { error } = await host.answer(call);
  expect([error?.data.kind, error?.message]).toEqual(["SHUTTING_DOWN", expect.stringContaining("after 0 ms")]);
});

test("--concurrency: as many calls of a thread-safe plugin run at once, and no more (E2)", async () => {
  const count = availableParallelism() + 1; // not the default
  await using host = new Host({ args: [`--concurrency=${count}`] });
  const handle = await host.load("parallel");
  const meet = (others: number) => host.start("plugin/execute", { handle, input: { meet: others } });
  for (const id of Array.from({ length: count }, () => meet(count))) {
    expect((await host.answer(id)).result.output).toMatchObject({ inside: count, peak: count });
  }
  for (let i = 0; i <= count; i++) meet(count + 1);
  expect(await listed(host, handle)).toMatchObject({ running: count, queued: 1 });
});

test.each([
  ["error", []],
  ["warn", ["warn"]],
  ["info", ["info", "warn"]],
  ["debug", ["debug", "info", "warn"]],
])("--log-level=%s sends to stderr what is as grave or graver", async (level, logged) => {
  const other = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] });
  await using host = new Host({ args: ["--lock-trust", `--log-level=${level}`] });
  await host.result("initialize", { trustedDirs: [fixturesDirectory], processId: other.pid }); // ignored: a warning
  other.stdin.end(); // dlrpc ends with it: an information
  await host.closed();
  const found = new Set([...host.stderr.matchAll(/^dlrpc: (\w+): /gm)].map(([, level]) => level));
  expect([...found].sort()).toEqual(logged);
});

test("--trust is needed, may be repeated, and is relative to the working directory (T1)", async () => {
  using elsewhere = new PluginDirectory();
  elsewhere.add("made-up");
  const path = join(elsewhere.path, "made-up");
  await using without = new Host();
  expect((await without.error("plugin/load", { path })).data.kind).toBe("UNTRUSTED_PATH");
  await using relative = new Host({ trust: [fixturesDirectory, "."], cwd: elsewhere.path });
  expect((await relative.result("plugin/load", { path })).path).toBe(path);
  await relative.load("counter");
});

test("--trust-workspace trusts the workspace's own plugins, which nobody else does (T1)", async () => {
  using workspace = new PluginDirectory();
  const folder = workspace.directory(join(".vtcode", "plugins"));
  workspace.add(join(".vtcode", "plugins", "made-up"), {
    as: [libraryName("made-up")],
    manifest: { name: "made-up" },
  });
  const initialize = { workspaceRoot: workspace.path };
  await using without = new Host({ trust: [] });
  expect((await without.result("initialize", initialize)).trustedDirs).toEqual([]);
  await using host = new Host({ trust: [], args: ["--trust-workspace"] });
  expect((await host.result("initialize", initialize)).trustedDirs).toEqual([folder]);
  await host.result("plugin/load", { name: "made-up" });
});

test("--lock-trust lets initialize add nothing (T1)", async () => {
  const initialize = { trustedDirs: [fixturesDirectory] };
  await using without = new Host({ trust: [] });
  await without.result("initialize", initialize);
  await without.load("counter");
  await using host = new Host({ trust: [], args: ["--lock-trust"] });
  expect((await host.result("initialize", initialize)).trustedDirs).toEqual([]);
  expect((await host.error("plugin/load", { path: plugin("counter") })).data.kind).toBe("UNTRUSTED_PATH");
});

test("--strict-permissions makes an error of what is a warning without (T3)", async () => {
  using plugins = new PluginDirectory();
  const path = plugins.add("counter");
  chmodSync(path, 0o777);
  await using without = new Host({ trust: [plugins.path] });
  const { warnings } = await without.result("plugin/load", { path });
  expect(warnings).toMatchObject([{ code: "WRITABLE_BY_OTHERS", severity: "warning" }]);
  await using host = new Host({ trust: [plugins.path], args: ["--strict-permissions"] });
  expect((await host.error("plugin/load", { path })).data.kind).toBe("UNTRUSTED_PATH");
});
