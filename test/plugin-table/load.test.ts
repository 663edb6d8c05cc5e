// plugin/load and plugin/metadata when all is well: what they answer, and which plugin is meant.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { expect, test } from "vitest";
import { Host } from "../support/host.ts";
import { fixturesDirectory, plugin } from "../support/paths.ts";
import { libraryOf, PluginDirectory } from "../support/plugin-directory.ts";
import { shareHost } from "../support/shared-host.ts";

const shared = shareHost();

test("plugin/load answers with everything about the plugin", async () => {
  const { host } = shared;
  const result = await host.result("plugin/load", { path: plugin("echo"), isolation: "process" });
  expect(result).toEqual({
    handle: expect.any(String),
    metadata: await host.result("plugin/metadata", { handle: result.handle }),
    path: plugin("echo"),
    library: libraryOf("echo"),
    abiVersion: 1,
    isolation: "process",
    sandbox: { profile: "standard", layers: expect.any(Array) },
    integrity: `sha256-${createHash("sha256")
      .update(readFileSync(libraryOf("echo")))
      .digest("base64")}`,
    signature: null,
    warnings: [],
  });
});

test("plugin/load isolates in a process, also where nobody says so", async () => {
  const { host } = shared;
  const { isolation, handle } = await host.result("plugin/load", { path: plugin("counter") });
  const { output } = await host.result("plugin/execute", { handle });
  expect([isolation, output.pid === host.child.pid]).toEqual(["process", false]);
});

test("plugin/load with the right integrity", async () => {
  const { host } = shared;
  const { integrity } = await host.result("plugin/load", { path: plugin("echo") });
  await host.load("echo", { integrity });
});

test("P1: the same directory loaded twice has separate state", async () => {
  const { host } = shared;
  const first = await host.load("counter");
  const second = await host.load("counter");
  expect(first).not.toBe(second);
  const count = async (handle: string) => (await host.result("plugin/execute", { handle })).output.count;
  expect([await count(first), await count(first), await count(second), await count(first)]).toEqual([1, 2, 1, 3]);
});

test("P2: a handle is never used again", async () => {
  const { host } = shared;
  const handles = new Set<string>();
  for (let i = 0; i < 5; i++) {
    const handle = await host.load("counter");
    handles.add(handle);
    await host.result("plugin/unload", { handle });
    const { data } = await host.error("plugin/metadata", { handle });
    expect(data).toMatchObject({ kind: "UNKNOWN_HANDLE", handle });
  }
  expect(handles.size).toBe(5);
});

test("plugin/load: a path is relative to the workspace, and without one to the working directory", async () => {
  await using host = new Host({ cwd: fixturesDirectory });
  expect(await host.result("plugin/load", { path: "./echo" })).toMatchObject({ path: plugin("echo") });
  await using inWorkspace = new Host({ cwd: "/" });
  await inWorkspace.result("initialize", { workspaceRoot: plugin("counter") });
  expect(await inWorkspace.result("plugin/load", { path: "../echo" })).toMatchObject({ path: plugin("echo") });
});

test("initialize: a relative workspaceRoot is relative to the working directory", async () => {
  await using host = new Host({ cwd: "/" });
  await host.result("initialize", { workspaceRoot: relative("/", fixturesDirectory) });
  expect(await host.result("plugin/load", { path: "echo" })).toMatchObject({ path: plugin("echo") });
});

test("plugin/load by name: the directory of that name goes before what plugin.json says", async () => {
  using plugins = new PluginDirectory();
  plugins.add("a-first", { manifest: { name: "wanted" }, as: ["wanted.so"] });
  const byDirectory = plugins.add("wanted", { manifest: { name: "called-otherwise" }, as: ["called-otherwise.so"] });
  const byManifest = plugins.add("somewhere", { manifest: { name: "elsewhere" }, as: ["elsewhere.so"] });
  await using host = new Host({ trust: [plugins.path] });
  expect(await host.result("plugin/load", { name: "wanted" })).toMatchObject({ path: byDirectory });
  expect(await host.result("plugin/load", { name: "elsewhere" })).toMatchObject({ path: byManifest });
});

test("plugin/load by name: trusted directories are searched in their order", async () => {
  using first = new PluginDirectory();
  using second = new PluginDirectory();
  using third = new PluginDirectory();
  // In the first directory only plugin.json has the name: order of directories goes before the kind of match.
  const called = first.add("other", { manifest: { name: "wanted" }, as: ["wanted.so"] });
  const named = second.add("wanted");
  third.add("wanted");
  await using host = new Host({ trust: [first.path, second.path], env: { DLRPC_TRUSTED_DIRS: third.path } });
  expect(await host.result("plugin/load", { name: "wanted" })).toMatchObject({ path: called });
  await using reversed = new Host({ trust: [second.path, first.path], env: { DLRPC_TRUSTED_DIRS: third.path } });
  expect(await reversed.result("plugin/load", { name: "wanted" })).toMatchObject({ path: named });
});

test("plugin/load by name: PATH_NOT_FOUND says where it was searched", async () => {
  using plugins = new PluginDirectory();
  plugins.directory("empty"); // of that name, but no plugin
  await using host = new Host({ trust: [plugins.path] });
  for (const name of ["nobody", "empty"]) {
    const { data } = await host.error("plugin/load", { name });
    expect(data).toMatchObject({ kind: "PATH_NOT_FOUND", searched: [plugins.path] });
  }
});

test("plugin/load keeps config and timeoutMs for later calls", async () => {
  const { host } = shared;
  const handle = await host.load("echo", { config: { depth: 3 } });
  const { output } = await host.result("plugin/execute", { handle });
  expect(output.context.config).toEqual({ depth: 3 });
  const hostile = await host.load("hostile", { timeoutMs: 1000 }); // the load itself may take as long
  const { data } = await host.error("plugin/execute", { handle: hostile, input: { do: "hang" } });
  expect(data.kind).toBe("PLUGIN_TIMEOUT");
});

test("plugin/metadata: optional members are filled in, unknown ones kept, in the plugin's own order", async () => {
  const { host } = shared;
  const handle = await host.load("echo");
  const { text } = await host.request("plugin/metadata", { handle });
  expect(text).toContain(
    '"result":{"name":"echo","description":"Answers with the very text it was given","version":"1.0.0",' +
      '"author":"The dlrpc authors","abi_version":1,"when_to_use":"To see exactly what a plugin is given",' +
      '"homepage":"https://example.org/echo","when_not_to_use":null,"allowed_tools":null,"thread_safe":false}',
  );
});

test("plugin/metadata of a plugin that says only what it must", async () => {
  const { host } = shared;
  const handle = await host.load("hello-world");
  expect(await host.result("plugin/metadata", { handle })).toEqual({
    name: "hello-world",
    description: "Greets someone by name",
    version: "1.0.0",
    author: null,
    abi_version: 1,
    when_to_use: null,
    when_not_to_use: null,
    allowed_tools: null,
    thread_safe: false,
  });
});

test("M5: numbers, order and duplicates of metadata are as the plugin wrote them", async () => {
  const { host } = shared;
  const { handle } = await host.result("plugin/load", { path: plugin("metadata-odd") });
  const { text } = await host.request("plugin/metadata", { handle });
  expect(text).toContain(
    '"version":"1.0.0","big":12345678901234567890,"z":-0,"inf":1e400,"__proto__":{"a":1.50},"k":1,"k":2,"author":null',
  );
});

test("plugin/metadata is what the library says, not what plugin.json says", async () => {
  using plugins = new PluginDirectory();
  const path = plugins.add("renamed", { manifest: { description: "Not this", author: "Nor this" } });
  await using host = new Host({ trust: [plugins.path] });
  const { metadata } = await host.result("plugin/load", { path });
  expect(metadata).toMatchObject({ name: "counter", author: null });
});
