// Which revision of MCP a request is in, and what follows from that.

import { expect, test } from "vitest";
import { LEGACY, McpClient, STATELESS } from "./support/client.ts";

const version = "io.modelcontextprotocol/protocolVersion";
const capabilities = "io.modelcontextprotocol/clientCapabilities";
const spoken = [STATELESS, "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/** The answer to a message as it is written. */
async function answerTo(client: McpClient, message: object): Promise<Record<string, unknown>> {
  const count = client.messages.length;
  client.send(JSON.stringify({ jsonrpc: "2.0", ...message }));
  await client.until(() => client.messages.length > count);
  return JSON.parse(client.messages[count]?.text ?? "");
}

test("G1: server/discover is answered without anything before it, and initialize works after it", async () => {
  await using client = new McpClient({ only: ["echo"] });
  const { supportedVersions, capabilities, ttlMs, cacheScope, _meta } = await client.result("server/discover");
  expect(supportedVersions).toEqual(spoken);
  expect(capabilities).toMatchObject({ tools: {} });
  expect([ttlMs, cacheScope]).toEqual([0, "private"]);
  expect(_meta["io.modelcontextprotocol/serverInfo"].name).toBe("dlrpc");
  const params = { protocolVersion: LEGACY, capabilities: {}, clientInfo: { name: "test", version: "1" } };
  expect(await answerTo(client, { id: "i", method: "initialize", params })).toMatchObject({
    id: "i",
    result: { protocolVersion: LEGACY, serverInfo: { name: "dlrpc" } },
  });
  const legacy: { result?: object } = await answerTo(client, { id: "l", method: "tools/list" });
  expect(Object.keys(legacy.result ?? {})).toEqual(["tools"]);
  const stateless = await client.result("tools/list"); // each request is judged by itself
  expect([stateless.resultType, stateless.tools.length]).toEqual(["complete", 1]);
  expect(await client.finish()).toEqual({ status: 0, signal: null });
});

test.each(spoken.slice(1))("G1: initialize agrees on %s where that is asked for", async (revision) => {
  await using client = new McpClient({ revision, only: ["hostile"] });
  expect(await client.initialize()).toMatchObject({ protocolVersion: revision });
  expect(await client.result("ping")).toEqual({});
  expect((await client.result("tools/list")).tools).toHaveLength(1);
  await client.call("hostile", { do: "count" }, { progressToken: 0 });
  await client.failure("hostile", { do: "segv" });
  await client.over();
});

test.each([STATELESS, "1999-01-01", ""])(
  "G1: where %j is asked for, the newest with initialize is offered",
  async (asked) => {
    await using client = new McpClient({ revision: asked === STATELESS ? "2027-01-01" : asked });
    expect(await client.initialize()).toMatchObject({ protocolVersion: LEGACY });
  },
);

test("G2: each request of the stateless revision says its version; another gets -32022, and the next works", async () => {
  await using client = new McpClient({ only: ["echo"] });
  const of = (requested: unknown) => ({ _meta: { [version]: requested, [capabilities]: {} } });
  const refused = await answerTo(client, { id: 1, method: "tools/list", params: of("1900-01-01") });
  expect(refused).toMatchObject({
    id: 1,
    error: { code: -32022, data: { supported: spoken, requested: "1900-01-01" } },
  });
  expect(await answerTo(client, { id: 2, method: "server/discover", params: of(LEGACY) })).toMatchObject({
    error: { code: -32022, data: { requested: LEGACY } },
  });
  expect((await client.result("tools/list")).tools).toHaveLength(1);
  await client.over();
});

const malformed: [method: string, params: unknown, path: string][] = [
  ["tools/list", undefined, `_meta.${version}`],
  ["tools/call", { name: "echo" }, `_meta.${version}`],
  ["tools/list", { _meta: {} }, `_meta.${version}`],
  ["tools/list", { _meta: 5 }, "_meta"],
  ["tools/list", { _meta: { [version]: 20260728, [capabilities]: {} } }, `_meta.${version}`],
  ["tools/list", { _meta: { [version]: STATELESS } }, `_meta.${capabilities}`],
  ["tools/list", { _meta: { [version]: STATELESS, [capabilities]: "all" } }, `_meta.${capabilities}`],
  ["tools/list", { _meta: { [version]: STATELESS, [capabilities]: {}, progressToken: 1.5 } }, "_meta.progressToken"],
  ["tools/list", { _meta: { [version]: STATELESS, [capabilities]: {}, progressToken: null } }, "_meta.progressToken"],
  ["initialize", {}, "protocolVersion"],
  ["initialize", { protocolVersion: 1 }, "protocolVersion"],
];
test.each(malformed)("G2: %s with %j gets -32602", async (method, params, path) => {
  await using client = new McpClient();
  const answer = await answerTo(client, { id: 0, method, params });
  expect(answer).toMatchObject({ id: 0, error: { code: -32602, data: { issues: [{ path }] } } });
  await client.over();
});

test("G2: unknown methods get -32601, those of another revision too, and dlrpc's own say where to go", async () => {
  await using client = new McpClient();
  for (const method of ["resources/list", "logging/setLevel", "ping", "initialize", "tools/lst"]) {
    expect(await client.error(method), method).toMatchObject({ code: -32601 });
  }
  expect((await client.error("plugin/load", { name: "echo" })).data.hint).toMatch(/dlrpc serve/);
  await client.over();
  await using legacy = await McpClient.begun({ revision: LEGACY });
  expect(await legacy.error("server/discover")).toMatchObject({ code: -32601 });
  expect(await legacy.result("ping", { _meta: { progressToken: 1 } })).toEqual({});
  await legacy.over();
});

test("G1: initialize and ping before it may have a _meta without a version", async () => {
  await using client = new McpClient({ revision: LEGACY });
  const _meta = { progressToken: 1 };
  expect(await client.result("ping", { _meta })).toEqual({});
  const params = { protocolVersion: LEGACY, capabilities: {}, clientInfo: { name: "test", version: "1" }, _meta };
  expect(await client.result("initialize", params)).toMatchObject({ protocolVersion: LEGACY });
  await client.over();
});

test("G3: what has no id that can be read gets an error without one, and nothing after it is lost", async () => {
  await using client = new McpClient();
  for (const [text, code] of [
    ["{", -32700],
    ["[]", -32600],
    ['{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600],
    ['{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600],
    ["Content-Length: 5", -32700],
  ] as const) {
    const count = client.messages.length;
    client.send(text);
    await client.until(() => client.messages.length > count);
    const answer = JSON.parse(client.messages[count]?.text ?? "");
    expect([Object.hasOwn(answer, "id"), answer.error.code]).toEqual([false, code]);
  }
  client.notify("notifications/nothing", { any: 1 });
  client.notify("tools/call", { name: "echo" });
  await client.result("server/discover");
  await client.over();
});

test("G3: ids come back as they were written", async () => {
  await using client = await McpClient.begun({ revision: LEGACY });
  for (const id of ["9007199254740993", "1.0", '"\\u0061"', "-0"]) {
    const count = client.messages.length;
    client.send(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`);
    await client.until(() => client.messages.length > count);
    expect(client.messages[count]?.text).toBe(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
  }
});

test("G3: an overload of dlrpc leaves with a code of JSON-RPC", async () => {
  await using client = await McpClient.begun({ revision: LEGACY, only: ["hostile"], args: ["--timeout-ms", "2000"] });
  const padding = "x".repeat(1_000_000);
  const ids = Array.from({ length: 3 }, () => client.startCall("hostile", { do: "hang", padding }));
  client.send(`{"jsonrpc":"2.0","id":${ids[0]},"method":"ping"}`);
  const { error } = await client.answer(ids[0] as number);
  expect([error?.code, error?.data.kind]).toEqual([-32600, "DUPLICATE_ID"]);
  client.requireForms();
});
