// tools/call: what goes to a plugin and what comes back of it, as it was written.

import { expect, test } from "vitest";
import { Gate } from "../support/gate.ts";
import { gone } from "../support/gone.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { LEGACY, McpClient, STATELESS } from "./support/client.ts";

const both = [STATELESS, LEGACY];

/** A tool that returns what it is given as its result document, under this manifest. */
function mirror(directory: PluginDirectory, manifest: object = {}): (result: object) => Record<string, unknown> {
  directory.add("mirror", { library: "hostile", manifest });
  return (result) => ({ do: "answer_input", success: true, output: {}, error: null, files: [], ...result });
}

test.each(both)(
  "G6: arguments and output go through as they were written, as structuredContent and as text (%s)",
  async (revision) => {
    await using client = await McpClient.begun({ revision, only: ["echo"] });
    const args =
      '{"n":9007199254740993,"d":0.1000000000000000000001,"z":-0,"inf":1e400,"k":1,"k":2,"s":"\\u0061\\"\\\\/é"}';
    client.send(
      JSON.stringify({
        jsonrpc: "2.0",
        id: "x",
        method: "tools/call",
        params: client.withMeta({ name: "echo", arguments: 0 }),
      }).replace('"arguments":0', `"arguments":${args}`),
    );
    const { text, result } = await client.answer("x");
    const output = `{"context":{"input":${args},"workspace_root":null,"config":{}}}`;
    expect(text).toContain(`"structuredContent":${output}`);
    expect(result.content).toEqual([{ type: "text", text: output }]);
    await client.over();
  },
);

test.each(both)("G6: without arguments the plugin gets an empty object (%s)", async (revision) => {
  await using client = await McpClient.begun({ revision, only: ["echo"] });
  const { structuredContent } = await client.result("tools/call", { name: "echo" });
  expect(structuredContent.context.input).toEqual({});
  await client.over();
});

test("G6: a result's members may have names with escapes, and be given twice", async () => {
  using directory = new PluginDirectory();
  mirror(directory);
  await using client = await McpClient.begun({ trust: [directory.path], revision: LEGACY });
  const returned = async (names: string) => {
    const result = `{"do":"answer_input",${names},"error":null,"files":[]}`;
    const call = { jsonrpc: "2.0", id: names, method: "tools/call", params: { name: "mirror", arguments: 0 } };
    client.send(JSON.stringify(call).replace('"arguments":0', `"arguments":${result}`));
    return (await client.answer(names)).result.structuredContent;
  };
  expect(await returned('"success":true,"outp\\u0075t":{"a":1}')).toEqual({ a: 1 });
  expect(await returned('"success":false,"output":{},"output":{"a":2},"success":true')).toEqual({ a: 2 });
  await client.over();
});

test("G6: white space of an output that is between lines stays one line", async () => {
  await using client = new McpClient({ only: ["hostile"] });
  const result = await client.call("hostile", { do: "answer_spaced" });
  expect(JSON.parse(result.content[0].text)).toEqual(result.structuredContent);
  await client.over();
});

const malformed: [params: object, path: string][] = [
  [{}, "name"],
  [{ name: 5 }, "name"],
  [{ name: "echo", arguments: [] }, "arguments"],
  [{ name: "echo", arguments: null }, "arguments"],
  [{ name: "echo", arguments: "{}" }, "arguments"],
];
test.each(malformed)("G6: a malformed call %j gets -32602", async (params, path) => {
  await using client = new McpClient({ only: ["echo"] });
  expect(await client.error("tools/call", { ...params })).toMatchObject({ code: -32602, data: { issues: [{ path }] } });
  await client.over();
});

test("G6: an unknown tool gets -32602, and the nearest name", async () => {
  await using client = new McpClient({ only: ["echo"] });
  const { code, message } = await client.error("tools/call", { name: "ecko", arguments: {} });
  expect([code, message]).toEqual([-32602, "Unknown tool: ecko (did you mean `echo`?)"]);
  for (const name of ["", "../echo", "x".repeat(5000), "__proto__"])
    expect(await client.error("tools/call", { name })).toMatchObject({ code: -32602 });
  await client.over();
});

test.each([STATELESS, LEGACY, "2024-11-05"])("G6: files are links with a name (%s)", async (revision) => {
  using directory = new PluginDirectory();
  const returning = mirror(directory);
  await using client = await McpClient.begun({ revision, trust: [directory.path] });
  const files = ["/tmp/a b/ü%.txt", "relative#.txt", "/", "/tmp/\ud800"];
  const { content } = await client.call("mirror", returning({ files }));
  const here = new URL(`file://${process.cwd()}/`).href;
  const uris = ["file:///tmp/a%20b/%C3%BC%25.txt", `${here}relative%23.txt`, "file:///", "file:///tmp/%EF%BF%BD"];
  const names = ["ü%.txt", "relative#.txt", "/", "\ufffd"];
  const linksAre = (make: (uri: string, i: number) => object) => expect(content.slice(1)).toEqual(uris.map(make));
  if (revision === "2024-11-05") linksAre((text) => ({ type: "text", text }));
  else linksAre((uri, i) => ({ type: "resource_link", uri, name: names[i] }));
  expect(await client.finish()).toEqual({ status: 0, signal: null });
  if (revision !== "2024-11-05") client.requireForms();
});

test("G6: a revision without structuredContent gets text only", async () => {
  await using client = await McpClient.begun({ revision: "2025-03-26", only: ["echo"] });
  expect(Object.keys(await client.call("echo"))).toEqual(["content"]);
});

test.each(both)(
  "G6: success: false is an isError with the error's words, and the output where there is some (%s)",
  async (revision) => {
    using directory = new PluginDirectory();
    const returning = mirror(directory);
    await using client = await McpClient.begun({ revision, trust: [directory.path] });
    const failed = async (result: object) => {
      const { isError, content, structuredContent } = await client.call(
        "mirror",
        returning({ success: false, ...result }),
      );
      expect([isError, structuredContent]).toEqual([true, undefined]);
      return content.map(({ text }: { text: string }) => text);
    };
    expect(await failed({ error: "there is no such file" })).toEqual(["there is no such file"]);
    expect(await failed({ error: "no", output: { at: 3 } })).toEqual(["no", '{"at":3}']);
    expect(await failed({})).toEqual(["The tool mirror did not succeed, and does not say why."]);
    await client.over();
  },
);

/** Longer than what is taken once, or twice. */
const lengths: [mebibytes: number, what: RegExp, isError: boolean, isStructured: boolean][] = [
  [4, /^\{"text":"x+"\}$/, false, true],
  [6, /^The result is \d+ bytes long: it is in structuredContent only\.$/, false, true],
  [11, /^INVALID_RESULT: .*Its result takes \d+ bytes, and clients of MCP take \d+ at most/, true, false],
];
test.each(lengths)(
  "G6: an output of %d MiB fits into what clients take",
  async (mebibytes, what, isError, isStructured) => {
    using directory = new PluginDirectory();
    const returning = mirror(directory);
    await using client = new McpClient({ trust: [directory.path] });
    const output = { text: "x".repeat(mebibytes * 1024 * 1024) };
    const { text, result } = await client.answer(client.startCall("mirror", returning({ output })));
    expect(Buffer.byteLength(text)).toBeLessThan(10 * 1024 * 1024 - 64 * 1024);
    expect([result.isError ?? false, Object.hasOwn(result, "structuredContent")]).toEqual([isError, isStructured]);
    expect(what.test(result.content[0].text)).toBe(true);
    await client.over();
  },
);

test("G6: quotes take room in text: what fits once is sent once", async () => {
  using directory = new PluginDirectory();
  const returning = mirror(directory);
  await using client = new McpClient({ trust: [directory.path] });
  const quotes = { text: '"'.repeat(2 * 1024 * 1024) };
  expect((await client.call("mirror", returning({ output: quotes }))).content[0].text).toMatch(
    /in structuredContent only/,
  );
  await client.over();
});

const schema = {
  type: "object",
  properties: {
    do: {},
    limits: { type: "object", properties: { max: { type: "integer", maximum: 10 } } },
    tags: { type: "array", items: { type: "string", pattern: "^[a-z]+$" }, uniqueItems: true },
    output: {},
  },
  required: ["do"],
};
const wrong: [args: object, words: RegExp][] = [
  [{ limits: { max: 1 } }, /the whole: Instance does not have required property "do" \(required\)/],
  [{ do: "x", limits: { max: 11 } }, /\/limits\/max: 11 is greater than 10 \(maximum\)/],
  [{ do: "x", limits: { max: "1" } }, /\/limits\/max: .*string.* \(type\)/],
  [{ do: "x", tags: ["ok", "No"] }, /\/tags\/1: .* \(pattern\)/],
  [{ do: "x", tags: ["a", "a"] }, /\/tags: .* \(uniqueItems\)/],
];
test.each(wrong)(
  "G6: arguments %j that are not as the schema says are an isError with path and rule",
  async (args, words) => {
    using directory = new PluginDirectory();
    directory.add("mirror", { library: "hostile", manifest: { input_schema: schema } });
    await using client = new McpClient({ trust: [directory.path] });
    const text = await client.failure("mirror", { ...args });
    expect(text).toMatch(/^INVALID_PARAMS: the tool mirror failed\. Its arguments are not as its schema says: /);
    expect(text).toMatch(words);
    await client.over();
  },
);

test("G6: the arguments that are as the schema says reach the plugin, exact as ever", async () => {
  using directory = new PluginDirectory();
  directory.add("mirror", {
    library: "echo",
    manifest: { input_schema: { type: "object", properties: { n: { type: "integer" } } } },
  });
  await using client = new McpClient({ trust: [directory.path] });
  const params = client.withMeta({ name: "mirror", arguments: { n: 0 } });
  client.send(
    JSON.stringify({ jsonrpc: "2.0", id: "x", method: "tools/call", params }).replace('"n":0', '"n":9007199254740993'),
  );
  expect((await client.answer("x")).text).toContain('"input":{"n":9007199254740993}');
});

test("G6: an output that is not as its schema says is an isError with path and rule, one that is passes", async () => {
  using directory = new PluginDirectory();
  const returning = mirror(directory, {
    output_schema: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] },
  });
  await using client = new McpClient({ trust: [directory.path] });
  expect((await client.call("mirror", returning({ output: { n: 1 } }))).structuredContent).toEqual({ n: 1 });
  const text = await client.failure("mirror", returning({ output: { n: "1" } }));
  expect(text).toMatch(/^INVALID_RESULT: .*output of its plugin is not as its schema says: \/n: .* \(type\)/);
  expect(await client.failure("mirror", returning({ success: false, error: "in my own words" }))).toBe(
    "in my own words",
  );
  await client.over();
});

test("G6: what is not as its schema says is named shortly, however long it is: clients hang up at 10 MiB", async () => {
  using directory = new PluginDirectory();
  const schema = { type: "object", properties: { deep: { type: "object", additionalProperties: false } } };
  const returning = mirror(directory, { output_schema: schema });
  directory.add("strict", { manifest: { input_schema: schema } });
  await using client = new McpClient({ trust: [directory.path] });
  const long = { deep: { ["k".repeat(6_000_000)]: { n: 1 } } };
  for (const text of [
    await client.failure("strict", long),
    await client.failure("mirror", returning({ output: long })),
  ]) {
    expect(text).toMatch(/: \/deep: Property "k+… \(additionalProperties\)/);
    expect(text.length).toBeLessThan(5000);
  }
  await client.over();
});

const hostileSchemas: [what: string, schema: object, args: object, reason: RegExp][] = [
  [
    "a pattern that takes for ever",
    { properties: { s: { pattern: "^(a+)+$" } } },
    { s: `${"a".repeat(40)}b` },
    /longer than/,
  ],
  ["a schema that is itself", { $ref: "#" }, {}, /nested too deep/],
];
test.each(hostileSchemas)("G6: %s costs one call", async (_, members, args, reason) => {
  using directory = new PluginDirectory();
  directory.add("slow", { manifest: { input_schema: { type: "object", ...members } } });
  directory.add("good");
  await using client = new McpClient({ trust: [directory.path] });
  expect(await client.failure("slow", { ...args })).toMatch(reason);
  expect((await client.call("good")).isError).toBeUndefined();
  await client.over();
});

test("G6: calls at the same time load a plugin once, and run in their order", async () => {
  await using client = new McpClient({ only: ["hostile"] });
  const ids = Array.from({ length: 20 }, () => client.startCall("hostile", { do: "count" }));
  const answers = await Promise.all(ids.map((id) => client.answer(id)));
  expect(answers.map(({ result }) => result.structuredContent.count)).toEqual(ids.map((_, i) => i + 1));
  await client.over();
});

test.each(both)("G8: a token, 0 too, is told of begin and end; without one there is nothing (%s)", async (revision) => {
  await using client = await McpClient.begun({ revision, only: ["hostile"] });
  await client.call("hostile", { do: "count" }, { progressToken: 0 });
  await client.call("hostile", { do: "count" }, { progressToken: "t" });
  await client.call("hostile", { do: "count" });
  const told = client.messages.filter(({ method }) => method === "notifications/progress").map(({ params }) => params);
  expect(told).toEqual(
    [0, "t"].flatMap((progressToken) => [
      { progressToken, progress: 0 },
      { progressToken, progress: 1, total: 1 },
    ]),
  );
  await client.over();
});

test.each(both)("G9: a call that is cancelled ends, and nothing more is written for it (%s)", async (revision) => {
  await using gate = new Gate();
  await using client = await McpClient.begun({ revision, only: ["hostile"] });
  const id = client.startCall("hostile", { ...gate.input.input }, { progressToken: 7 });
  const waiting = client.startCall("hostile", { do: "count" });
  await gate.reached();
  client.notify("notifications/cancelled", { requestId: id, reason: "enough" });
  client.notify("notifications/cancelled", { requestId: 12345 });
  client.notify("notifications/cancelled", { requestId: { a: 1 } });
  client.notify("notifications/cancelled");
  expect((await client.answer(waiting)).result.structuredContent.count).toBe(1); // in a fresh process
  await client.over();
  expect(client.messages.filter((message) => message.id === id)).toEqual([]);
  const progress = client.messages.filter(({ method }) => method === "notifications/progress");
  expect(progress.map(({ params }) => params?.progress)).toEqual([0]);
});

test("G9: a call that waits for its plugin to load can be cancelled, and others still get theirs", async () => {
  using directory = new PluginDirectory();
  directory.add("slow", { library: "hangs-at-load" });
  await using client = new McpClient({ trust: [directory.path], args: ["--timeout-ms", "1500"] });
  const first = client.startCall("slow");
  const other = client.startCall("slow");
  client.notify("notifications/cancelled", { requestId: first });
  expect((await client.answer(other)).result.content[0].text).toMatch(/^PLUGIN_TIMEOUT: /);
  await client.over();
  expect(client.messages.filter((message) => message.id === first)).toEqual([]);
});

test("G6: with --idle-unload-ms a plugin without calls is ended, not one that is called, and the next call loads it", async () => {
  await using gate = new Gate();
  await using client = new McpClient({ only: ["hostile"], args: ["--idle-unload-ms", "50"] });
  const first = (await client.call("hostile", { do: "count" })).structuredContent;
  await gone(first.pid);
  const id = client.startCall("hostile", { ...gate.input.input });
  await gate.reached();
  await new Promise((resolve) => setTimeout(resolve, 200)); // longer than it may be idle
  await gate.open();
  expect((await client.answer(id)).result.isError).toBeUndefined();
  const next = (await client.call("hostile", { do: "count" })).structuredContent;
  expect(next.pid).not.toBe(first.pid);
  await gone(next.pid);
  await client.over();
});
