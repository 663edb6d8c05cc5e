// L1: initialize.

import { realpathSync } from "node:fs";
import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { Host } from "../support/host.ts";
import { fixturesDirectory } from "../support/paths.ts";

const pluginMethods = ["load", "metadata", "execute", "unload", "reload", "list", "discover", "validate"];
const methods = ["initialize", "shutdown", "rpc.discover", ...pluginMethods.map((name) => `plugin/${name}`)];

test("L1: initialize answers with what a host may want to know", async () => {
  await using host = new Host();
  const result = await host.result("initialize", {
    protocolVersion: 1,
    clientInfo: { name: "a test", version: "1.0" },
    processId: process.pid,
    workspaceRoot: null,
    trustedDirs: [],
    notifications: [],
  });
  expect(result).toEqual({
    protocolVersion: 1,
    serverInfo: { name: "dlrpc", version: manifest.version },
    abiVersions: [1],
    platform: `${process.platform}-${process.arch}`,
    trustedDirs: [realpathSync(fixturesDirectory)],
    limits: {
      maxMessageBytes: 64 * 1024 * 1024,
      maxPending: 1024,
      concurrency: availableParallelism(),
      timeoutMs: null,
      cancelGraceMs: 500,
      drainMs: 1500,
    },
    sandbox: { layers: expect.any(Array) },
    methods: expect.arrayContaining(methods),
  });
});

test("L1: every method that initialize names exists", async () => {
  await using host = new Host();
  const { methods } = await host.result("initialize");
  methods.splice(methods.indexOf("shutdown"), 1);
  for (const method of methods) expect((await host.request(method)).error?.data.kind).not.toBe("METHOD_NOT_FOUND");
});

test("L1: initialize is optional, and so is each of its members", async () => {
  await using silent = new Host();
  await expect(silent.result("plugin/list")).resolves.toEqual({ plugins: [] });
  await using terse = new Host();
  await expect(terse.result("initialize", {})).resolves.toMatchObject({ protocolVersion: 1 });
  await using explicit = new Host();
  const nothing = { clientInfo: null, processId: null, workspaceRoot: null };
  await expect(explicit.result("initialize", nothing)).resolves.toMatchObject({ protocolVersion: 1 });
});

test("L1: initialize comes before all other requests", async () => {
  await using host = new Host();
  await host.result("plugin/list");
  const { code, data } = await host.error("initialize", {});
  expect([code, data.kind]).toEqual([-32600, "INVALID_REQUEST"]);
});

test("L1: a request that failed came first, too", async () => {
  await using host = new Host();
  await host.error("no/such/method");
  expect((await host.error("initialize", {})).data.kind).toBe("INVALID_REQUEST");
});

test("L1: initialize is sent once", async () => {
  await using host = new Host();
  await host.result("initialize", { notifications: ["exited"] });
  expect((await host.error("initialize", { notifications: [] })).data.kind).toBe("INVALID_REQUEST");
  const handle = await host.load("counter");
  await host.result("plugin/unload", { handle });
  await host.until(({ method }) => method === "plugin/exited"); // the first one still holds
});

test("L1: unknown members of initialize are ignored, as LSP client libraries send their own", async () => {
  await using host = new Host();
  const { serverInfo } = await host.result("initialize", {
    rootUri: "file:///somewhere",
    rootPath: null,
    capabilities: { workspace: {} },
    trace: "off",
    workspaceFolders: null,
    clientInfo: { name: "a test", unknown: true },
  });
  expect(serverInfo.name).toBe("dlrpc");
});

test("L1: an unsupported protocolVersion is refused with the supported ones; a second attempt works", async () => {
  await using host = new Host();
  const { code, data } = await host.error("initialize", { protocolVersion: 2 });
  expect([code, data.kind, data.supported]).toEqual([-32602, "INVALID_PARAMS", [1]]);
  expect(data.issues).toEqual([{ path: "protocolVersion", message: expect.stringContaining("not 2") }]);
  expect((await host.result("initialize", { protocolVersion: 1 })).protocolVersion).toBe(1);
});

test.each([["2025-06-18"], ["1"], [null], [1.5], [{}], ["x".repeat(10_000)]])(
  "L1: so is one that is no number of a version: %j",
  async (protocolVersion) => {
    await using host = new Host();
    const params = { protocolVersion, capabilities: {}, clientInfo: { name: "an agent", version: "1" } };
    const { code, message, data } = await host.error("initialize", params);
    expect([code, data.kind, data.supported]).toEqual([-32602, "INVALID_PARAMS", [1]]);
    expect(data.hint).toMatch(/MCP is spoken by `dlrpc mcp`/);
    expect(message.length).toBeLessThan(200);
    await host.result("initialize", {});
  },
);

test.each(["server/discover", "tools/list", "tools/call", "subscriptions/listen"])(
  "a client of MCP that begins with %s is told which verb is meant",
  async (method) => {
    await using host = new Host();
    const { data } = await host.error(method, {});
    expect(data).toMatchObject({ kind: "METHOD_NOT_FOUND", hint: expect.stringContaining("`dlrpc mcp`") });
  },
);

test("L1: a version that is not spoken is one mistake among others", async () => {
  await using host = new Host();
  const { data } = await host.error("initialize", { workspaceRoot: 5, protocolVersion: "2025-11-25" });
  expect(data).toMatchObject({ supported: [1], issues: [{ path: "protocolVersion" }, { path: "workspaceRoot" }] });
});

test("L1: all members of a wrong type are reported at once; a second attempt works", async () => {
  await using host = new Host();
  const wrong = {
    protocolVersion: "1",
    clientInfo: { name: 1 },
    processId: -1,
    workspaceRoot: 5,
    trustedDirs: ["fine", 2],
    notifications: ["log", "everything"],
  };
  const { code, data } = await host.error("initialize", wrong);
  expect([code, data.kind]).toEqual([-32602, "INVALID_PARAMS"]);
  expect((data.issues as { path: string }[]).map(({ path }) => path)).toEqual([
    "protocolVersion",
    "clientInfo.name",
    "processId",
    "workspaceRoot",
    "trustedDirs.1",
    "notifications.1",
  ]);
  await host.result("initialize", {});
});

test("L1: an initialize that is refused changes nothing", async () => {
  await using host = new Host({ trust: [] });
  await host.error("initialize", { protocolVersion: 2, trustedDirs: [fixturesDirectory] });
  expect((await host.result("initialize", {})).trustedDirs).toEqual([]);
});
