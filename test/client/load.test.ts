// Plugins as the client sees them: load, reload, unload, and what can be asked about them.

import { cpSync } from "node:fs";
import { join } from "node:path";
import {
  IntegrityFailedError,
  PathNotFoundError,
  RequestCancelledError,
  UnknownHandleError,
  UntrustedPathError,
} from "dlrpc/client";
import { expect, test } from "vitest";
import { version } from "../../src/base/version.ts";
import { fixturesDirectory, plugin as pathOf } from "../support/paths.ts";
import { TemporaryDirectory } from "../support/temporary-directory.ts";
import { begin, failure, spawnHost } from "./support.ts";

test("the host says what it is", async () => {
  await using host = await spawnHost({ args: ["--max-pending=7"] });
  expect(host.info).toMatchObject({
    protocolVersion: 1,
    serverInfo: { name: "dlrpc", version },
    trustedDirs: [fixturesDirectory],
    limits: { maxPending: 7 },
  });
});

test("a plugin is loaded by its path, by its name, or with options", async () => {
  await using host = await spawnHost();
  const plugins = [
    await host.load(pathOf("echo")),
    await host.load({ name: "echo" }),
    await host.load({ path: pathOf("echo"), isolation: "process" }),
  ];
  expect(plugins.map(({ loaded }) => loaded)).toMatchObject([
    { path: pathOf("echo"), library: join(pathOf("echo"), "libecho.so"), isolation: "process", abiVersion: 1 },
    { path: pathOf("echo") },
    { path: pathOf("echo"), isolation: "process" },
  ]);
  expect(new Set(plugins.map(({ handle }) => handle)).size).toBe(3);
});

test("metadata has the members that the plugin left out, and those that nobody knows", async () => {
  await using host = await spawnHost();
  const plugin = await host.load({ name: "echo" });
  expect(plugin.metadata).toMatchObject({
    name: "echo",
    author: "The dlrpc authors",
    allowed_tools: null,
    thread_safe: false,
    homepage: "https://example.org/echo",
  });
  expect(await host.request("plugin/metadata", { handle: plugin.handle })).toEqual(plugin.metadata);
});

test("what the load says holds for its calls", async () => {
  await using host = await spawnHost();
  const plugin = await host.load({ name: "echo", config: { depth: 3 } });
  const { output } = await plugin.execute();
  expect(output).toEqual({ context: { input: {}, workspace_root: null, config: { depth: 3 } } });
});

test("a load that is refused says why, by its class", async () => {
  await using host = await spawnHost();
  const integrity = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  await failure(host.load({ name: "nobody-has-this" }), PathNotFoundError);
  await failure(host.load({ name: "echo", integrity }), IntegrityFailedError);
  using elsewhere = new TemporaryDirectory();
  const untrusted = await failure(host.load(elsewhere.path), UntrustedPathError);
  expect(untrusted.hint).toContain("--trust");
  expect(await host.list()).toEqual([]);
});

test("a signal ends a load that hangs", async () => {
  await using host = await spawnHost();
  const controller = new AbortController();
  const hanging = host.load({ path: pathOf("hangs-at-load"), signal: controller.signal });
  controller.abort(new Error("enough"));
  const error = await failure(hanging, RequestCancelledError);
  expect(error.cause).toEqual(new Error("enough"));
  expect(await host.list()).toEqual([]);
});

test("reload runs the new code under the same handle", async () => {
  using directory = new TemporaryDirectory();
  const path = join(directory.path, "hostile");
  cpSync(pathOf("hostile"), path, { recursive: true });
  await using host = await spawnHost({ trust: [directory.path] });
  const plugin = await host.load(path);
  const before = plugin.loaded;
  cpSync(pathOf("counts-frees"), path, { recursive: true });
  await plugin.reload();
  expect(plugin.loaded.integrity).not.toBe(before.integrity);
  expect(plugin.handle).toBe(before.handle);
  expect((await plugin.execute({ do: "counts" })).output).toHaveProperty("freed");
});

test("an unloaded plugin is gone", async () => {
  await using host = await spawnHost();
  const plugin = await host.load({ name: "echo" });
  await plugin.unload();
  await failure(plugin.execute(), UnknownHandleError);
  await failure(plugin.reload(), UnknownHandleError);
  await failure(plugin.unload(), UnknownHandleError);
  expect(await host.list()).toEqual([]);
});

test("unload waits for calls, and with force ends them", async () => {
  await using host = await spawnHost();
  const plugin = await host.load(pathOf("hostile"));
  const { result } = await begin(plugin, { do: "hang" });
  await plugin.unload({ force: true });
  const error = await failure(result, RequestCancelledError);
  expect(error.cause).toBeUndefined(); // no signal of the caller's did it
});

test("list says what is loaded and what it has done", async () => {
  await using host = await spawnHost();
  const plugin = await host.load({ name: "counter" });
  await plugin.execute();
  expect(await host.list()).toMatchObject([
    { handle: plugin.handle, name: "counter", state: "ready", running: 0, stats: { calls: 1, crashes: 0 } },
  ]);
});

test("the protocol's own description is to be had", async () => {
  await using host = await spawnHost();
  const { methods } = await host.request("rpc.discover", {});
  expect(methods).toContainEqual(expect.objectContaining({ name: "plugin/execute" }));
});

test("discover and validate look at plugins without loading them", async () => {
  using directory = new TemporaryDirectory();
  cpSync(pathOf("echo"), join(directory.path, "echo"), { recursive: true });
  cpSync(join(pathOf("counter"), "plugin.json"), join(directory.path, "broken", "plugin.json"));
  await using host = await spawnHost({ trust: [directory.path, fixturesDirectory] });

  const found = await host.discover([directory.path]);
  expect(found.map(({ valid, metadata }) => [valid, metadata?.name])).toEqual([
    [false, "counter"],
    [true, "echo"],
  ]);
  expect((await host.discover()).length).toBeGreaterThan(found.length);
  expect(await host.validate(join(directory.path, "echo"))).toMatchObject({ valid: true });
  const broken = await host.validate(join(directory.path, "broken"));
  const missing = { code: "LIBRARY_NOT_FOUND", severity: "error" };
  expect(broken).toMatchObject({ valid: false, problems: [missing, { code: "NAME_NOT_UNIQUE" }] });
});
