// tools/list: what is said of plugins without running their code.

import { renameSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { LEGACY, McpClient, STATELESS } from "./support/client.ts";

const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };

/** The tools in a directory. */
// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks
async function toolsIn(directory: PluginDirectory, args: readonly string[] = [], revision = STATELESS): Promise<any[]> {
  await using client = await McpClient.begun({ trust: [directory.path], args, revision });
  const { tools } = await client.result("tools/list");
  await client.over();
  return tools;
}

test.each([STATELESS, LEGACY])(
  "G4: tools are listed in the order of their names, with all that is said (%s)",
  async (revision) => {
    using directory = new PluginDirectory();
    const icons = [{ src: "https://example.org/i.png", sizes: ["48x48"] }];
    const manifest = {
      description: "Does it",
      title: "A title",
      when_to_use: "Always",
      when_not_to_use: "Never",
      input_schema: schema,
      output_schema: { type: "object" },
      icons,
    };
    directory.add("b-tool", { manifest });
    directory.add("a-tool");
    const annotations = { readOnlyHint: true, openWorldHint: false };
    expect(await toolsIn(directory, [], revision)).toEqual([
      { name: "a-tool", description: "Made for a test", inputSchema: { type: "object" }, annotations },
      {
        name: "b-tool",
        title: "A title",
        description: "Does it\n\nWhen to use it: Always\n\nWhen not to use it: Never",
        inputSchema: schema,
        outputSchema: { type: "object" },
        annotations,
        icons,
      },
    ]);
  },
);

test("G4: no code of a plugin runs for it", async () => {
  using directory = new PluginDirectory();
  for (const library of ["constructor-segv", "hangs-at-load", "version-2"]) directory.add(library, { library });
  await using client = new McpClient({ trust: [directory.path] });
  expect((await client.result("tools/list")).tools).toHaveLength(3);
  expect(client.stderr).toBe("");
});

test("G4: a schema goes out as it was written", async () => {
  using directory = new PluginDirectory();
  const text = '{"type":"object","properties":{"n":{"maximum":9007199254740993,"default":1e400}}}';
  directory.add("exact", {
    manifest: `{"name":"exact","description":"","version":"1.0.0","abi_version":1,"input_schema":${text}}`,
  });
  await using client = new McpClient({ trust: [directory.path] });
  const { text: line } = await client.request("tools/list");
  expect(line).toContain(`"inputSchema":${text}`);
});

test.each([STATELESS, LEGACY])(
  "A10, G4: one malformed plugin never loses the list, nor another tool (%s)",
  async (revision) => {
    using directory = new PluginDirectory();
    const wrong = {
      title: 5,
      icons: "icon.png",
      annotations: [],
      input_schema: { type: "array" },
      output_schema: { type: "object", $ref: "#/nowhere" },
    };
    directory.add("good", { manifest: { input_schema: schema } });
    directory.add("wrong", { manifest: wrong });
    directory.add("no-json", { manifest: "{" });
    directory.add("no-name", { manifest: { name: 5 } });
    directory.add("no-description", { manifest: { description: null } });
    directory.add("no-library", { library: null });
    directory.add("other-abi", { manifest: { abi_version: 2 } });
    directory.add("surrogate", {
      manifest: '{"name":"surrogate","description":"\\ud800","version":"1.0.0","title":"\\udfff"}',
    });
    const tools = await toolsIn(directory, [], revision);
    expect(tools.map(({ name }) => name)).toEqual(["good", "surrogate", "wrong"]);
    expect(Object.keys(tools[2])).toEqual(["name", "description", "inputSchema", "annotations"]);
    expect([tools[2].inputSchema, tools[1].description, tools[1].title]).toEqual([
      { type: "object" },
      "\ufffd",
      "\ufffd",
    ]);
  },
);

test("G4: of two plugins of a name it is the one that plugin/load takes", async () => {
  using one = new PluginDirectory();
  using other = new PluginDirectory();
  one.add("x", { manifest: { name: "twin", description: "in x" }, as: ["libtwin.so"] });
  one.add("twin", { manifest: { name: "twin", description: "in twin" } });
  other.add("twin", { manifest: { name: "twin", description: "second directory" } });
  await using client = new McpClient({ trust: [one.path, other.path] });
  const { tools } = await client.result("tools/list");
  expect(tools).toMatchObject([{ name: "twin", description: "in twin" }]);
});

test("G4: --only and --prefix choose and name them", async () => {
  using directory = new PluginDirectory();
  for (const name of ["a", "b", "c"]) directory.add(name);
  const names = async (...args: string[]) => (await toolsIn(directory, args)).map(({ name }) => name);
  expect(await names("--only", "c", "--only", "a", "--only", "missing")).toEqual(["a", "c"]);
  expect(await names("--prefix", "my_")).toEqual(["my_a", "my_b", "my_c"]);
});

test("G4: what is installed later is listed, and can be called; what goes is listed no more", async () => {
  using directory = new PluginDirectory();
  using elsewhere = new PluginDirectory();
  await using client = new McpClient({ trust: [directory.path] });
  const names = async () => (await client.result("tools/list")).tools.map(({ name }: { name: string }) => name);
  expect(await names()).toEqual([]);
  expect(await client.error("tools/call", { name: "late" })).toMatchObject({ code: -32602 });
  renameSync(elsewhere.add("late"), join(directory.path, "late"));
  expect((await client.call("late")).isError).toBeUndefined();
  expect(await names()).toEqual(["late"]);
  renameSync(join(directory.path, "late"), join(elsewhere.path, "late"));
  expect(await names()).toEqual([]);
  expect(await client.error("tools/call", { name: "late" })).toMatchObject({ code: -32602 });
  await client.over();
});

test("G4: a list that is too long for a line comes in pages", async () => {
  using directory = new PluginDirectory();
  const description = "x".repeat(900_000);
  const all = Array.from({ length: 12 }, (_, i) => `tool-${String(i).padStart(2, "0")}`);
  for (const name of all) directory.add(name, { manifest: { description } });
  await using client = new McpClient({ trust: [directory.path] });
  const found: string[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const { result, text } = await client.request("tools/list", cursor === undefined ? {} : { cursor });
    expect(text.length).toBeLessThan(5 * 1024 * 1024);
    found.push(...result.tools.map(({ name }: { name: string }) => name));
    cursor = result.nextCursor;
    pages++;
  } while (cursor !== undefined);
  expect([found, pages]).toEqual([all, 3]);
  expect(await client.error("tools/list", { cursor: 5 })).toMatchObject({ code: -32602 });
});

test("G4: a schema that only the library knows is shown once it is loaded, and kept to", async () => {
  using directory = new PluginDirectory();
  directory.add("learned", { library: "metadata-schema", manifest: { name: "learned" } });
  await using client = new McpClient({ trust: [directory.path] });
  const tool = async () => (await client.result("tools/list")).tools[0];
  expect((await tool()).inputSchema).toEqual({ type: "object" });
  expect((await client.call("learned", { do: "count" })).isError).toBeUndefined();
  expect((await tool()).inputSchema).toEqual({ type: "object", required: ["do"] });
  expect(await client.failure("learned", {})).toMatch(/^INVALID_PARAMS: .*property "do" \(required\)/);
});

const annotated: [args: readonly string[], manifest: object, readOnly: boolean, openWorld: boolean][] = [
  [[], {}, true, false],
  [["--grant", "x:network"], {}, true, true],
  [["--grant", "x:write=/tmp"], {}, false, false],
  [["--grant", "x:read=/tmp", "--grant", "x:exec", "--grant", "x:memory-mb=64"], {}, true, false],
  [["--grant", "other:write=/tmp", "--grant", "other:network"], {}, true, false],
  [["--workspace", "/tmp"], {}, false, false],
  [["--sandbox", "none"], {}, false, true],
  [["--sandbox", "strict"], {}, true, false],
  [[], { permissions: { network: true, write: ["/tmp"] } }, true, false],
  [["--grant-requested", "x"], { permissions: { network: true, write: ["/tmp"] } }, false, true],
  [["--grant-requested", "x"], { permissions: { profile: "none" } }, false, true],
  [[], { annotations: { readOnlyHint: false, openWorldHint: true } }, false, true],
  [["--sandbox", "none"], { annotations: { readOnlyHint: true, openWorldHint: false } }, false, true],
];
test.each(annotated)(
  "G5: with %j and %j annotations say what the kernel keeps",
  async (args, manifest, readOnlyHint, openWorldHint) => {
    using directory = new PluginDirectory();
    directory.add("x", { manifest });
    const [tool] = await toolsIn(directory, args);
    expect(tool.annotations).toEqual({ readOnlyHint, openWorldHint });
  },
);

test("G4: where there is nothing to make tools of, stderr says where was looked for what", async () => {
  using directory = new PluginDirectory();
  const inner = directory.add("alone");
  await using client = new McpClient({ trust: [inner] });
  expect((await client.result("tools/list")).tools).toEqual([]);
  await client.result("tools/list"); // says it no second time
  await client.over();
  expect(client.stderr).toMatch(
    /^dlrpc: warn: there are no plugins in .*\/alone, .*: .*plugin\.json.*--log-level info.*\n$/,
  );
});

test.each(["--only=counted", "--grant=counted:network", "--grant-requested=counted"])(
  "G4, G11: %s that names no plugin is warned of, with the name that may be meant",
  async (option) => {
    using directory = new PluginDirectory();
    directory.add("counter");
    await using client = new McpClient({ trust: [directory.path], args: ["--only=counter", option] });
    expect((await client.result("tools/list")).tools).toMatchObject([{ name: "counter" }]);
    await client.over();
    const words =
      /^dlrpc: warn: the command line names the plugin counted, and there is none \(did you mean `counter`\?\) in .*\n$/;
    expect(client.stderr).toMatch(words);
  },
);
