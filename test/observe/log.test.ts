// --log-level: what people read on stderr of what happens, and that nothing of it is there unless they ask.

import { join } from "node:path";
import { expect, test } from "vitest";
import { call, exited, watchingHost } from "../support/calls.ts";
import { Host } from "../support/host.ts";
import { fixturesDirectory, plugin } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";

/** Loads, crashes and unloads a plugin. @returns what stderr says, line by line */
async function session(level: string): Promise<string[]> {
  using files = new PluginDirectory();
  await using host = await watchingHost({
    args: [`--log-level=${level}`],
    trust: [join(files.path, "absent"), files.path, fixturesDirectory],
    env: { HOME: join(files.path, "home") },
  });
  const sandbox = { profile: "strict", read: [files.path], network: true };
  const { handle } = await host.result("plugin/load", { name: "hostile", sandbox });
  await host.error("plugin/load", { name: "unheard-of" });
  await call(host, handle, "segv");
  await exited(host, handle);
  await call(host, handle, "count"); // in a process that is ready again
  await host.result("plugin/unload", { handle });
  expect(await host.finish()).toEqual({ status: 0, signal: null });
  return host.stderr.replaceAll(files.path, "DIR").split("\n").slice(0, -1);
}

const info = [
  /^dlrpc: info: dlrpc \d+\.\d+\.\d+ serves as process \d+, started by \d+$/,
  /^dlrpc: info: trusted directory DIR\/absent is not there$/,
  /^dlrpc: info: hostile-1: process \d+ is ready, loaded from .*\/hostile\/libhostile\.so$/,
  /^dlrpc: info: plugin\/load is refused: PATH_NOT_FOUND: No trusted directory holds a plugin called unheard-of$/,
  /^dlrpc: info: hostile-1: its process has ended with SIGSEGV \(crash\), another is started$/,
  /^dlrpc: info: hostile-1: its process has ended with status 0 \(unload\)$/,
  /^dlrpc: info: stdin has ended: calls may go on for 1500 ms$/,
];
const debug = [
  /^dlrpc: debug: trusted directory DIR$/,
  /^dlrpc: debug: trusted directory DIR\/home\/\.agents\/plugins is not there$/,
  /^dlrpc: debug: plugin hostile: none of that name in DIR$/,
  new RegExp(`^dlrpc: debug: plugin hostile: found in ${plugin("hostile")}$`),
  /^dlrpc: debug: load of hostile: profile strict, reads also DIR, writes nothing, network, 1024 MiB$/,
];

test("info says what begins, what ends, what is refused and which directory is not there", async () => {
  const lines = await session("info");
  for (const each of info) expect(lines).toContainEqual(expect.stringMatching(each));
  expect(lines.filter((line) => !line.startsWith("dlrpc: info: "))).toEqual([]);
});

test("debug also says where plugins are looked for, and what is granted", async () => {
  const lines = await session("debug");
  for (const each of [...info, ...debug]) expect(lines).toContainEqual(expect.stringMatching(each));
});

test("by default nothing is said of what is as it should be", async () => {
  await using host = new Host({ trust: ["/nonexistent", fixturesDirectory] });
  await host.load("echo");
  await host.error("plugin/load", { name: "unheard-of" });
  await host.finish();
  expect(host.stderr).toBe("");
});
