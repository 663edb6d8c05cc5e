// What plugins do wrong, as a model hears of it; and how it all ends.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Gate } from "../support/gate.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { LEGACY, McpClient, STATELESS } from "./support/client.ts";

const both = [STATELESS, LEGACY];

test.each(both)("G7: a crash is told with what can be done, then a quarantine (%s)", async (revision) => {
  await using client = await McpClient.begun({ revision, only: ["hostile"] });
  for (let i = 0; i < 3; i++) {
    const text = await client.failure("hostile", { do: "segv" });
    expect(text).toMatch(/^PLUGIN_CRASHED: the tool hostile failed\. .*SIGSEGV/);
    expect(text).toMatch(/may have had effects/);
    expect(text).toMatch(/It had written:\nabout to fall$/);
  }
  expect(await client.failure("hostile", { do: "count" })).toMatch(/^PLUGIN_QUARANTINED: .*\n.*Do without it/);
  await client.over();
});

test.each(both)("G7: past --timeout-ms a call is told so, and the next works (%s)", async (revision) => {
  await using client = await McpClient.begun({ revision, only: ["hostile"], args: ["--timeout-ms", "1000"] });
  expect(await client.failure("hostile", { do: "hang" })).toMatch(/^PLUGIN_TIMEOUT: .*1000 ms.*\n.*--timeout-ms/);
  expect((await client.call("hostile", { do: "count" })).structuredContent.count).toBe(1);
  await client.over();
});

const notLoaded: [library: string, kind: string][] = [
  ["crashes-at-load", "PLUGIN_CRASHED"],
  ["no-symbols", "SYMBOL_MISSING"],
  ["version-2", "ABI_MISMATCH"],
  ["metadata-null", "INVALID_METADATA"],
  ["undefined-symbol", "LIBRARY_LOAD_FAILED"],
];
test.each(notLoaded)(
  "G7: a plugin that does not load (%s) is an isError each time, and no other tool's",
  async (library, kind) => {
    using directory = new PluginDirectory();
    directory.add("broken", { library });
    directory.add("good");
    await using client = new McpClient({ trust: [directory.path] });
    for (let i = 0; i < 2; i++) expect((await client.failure("broken")).split(":")[0]).toBe(kind);
    expect((await client.call("good")).isError).toBeUndefined();
    await client.over();
  },
);

test("G7: with --max-handles 1 a second plugin is an isError", async () => {
  await using client = new McpClient({ only: ["echo", "counter"], args: ["--max-handles", "1"] });
  await client.call("echo");
  expect(await client.failure("counter")).toMatch(/^RESOURCES_EXHAUSTED: /);
  await client.over();
});

test("G7: what a plugin prints never gets into the protocol", async () => {
  await using client = new McpClient({ only: ["hostile"] });
  for (const what of ["print", "print_protocol", "flood"]) await client.call("hostile", { do: what });
  await client.over();
});

const ends = {
  "the end of stdin": (client: McpClient) => client.stdin.end(),
  SIGTERM: (client: McpClient) => client.child.kill("SIGTERM"),
};
test.each(Object.entries(ends))("G10: %s during a call ends everything within 2 s", async (_, end) => {
  await using gate = new Gate();
  await using client = new McpClient({ only: ["hostile"] });
  const id = client.startCall("hostile", { ...gate.input.input });
  await gate.reached();
  const begun = performance.now();
  end(client);
  expect(await client.closed()).toEqual({ status: 0, signal: null });
  expect(performance.now() - begun).toBeLessThan(2000);
  const { result } = client.messages.find((message) => message.id === id) ?? {};
  expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^SHUTTING_DOWN: /) }] });
  client.requireForms();
});

test("G10: what was received before the end of stdin is answered, also where its plugin is not loaded yet", async () => {
  await using client = new McpClient({ only: ["hostile"] });
  const ids = [1, 2, 3].map(() => client.startCall("hostile", { do: "count" }));
  await client.over();
  const answers = ids.map((id) => client.messages.filter((message) => message.id === id));
  expect(answers.map(([first, ...others]) => [first?.result?.structuredContent?.count, others.length])).toEqual([
    [1, 0],
    [2, 0],
    [3, 0],
  ]);
});

test("G10: a load that hangs is ended with the rest, and its calls are told", async () => {
  using directory = new PluginDirectory();
  directory.add("slow", { library: "hangs-at-load" });
  await using client = new McpClient({ trust: [directory.path], args: ["--drain-ms", "300"] });
  const id = client.startCall("slow");
  await client.over();
  expect(client.messages.find((message) => message.id === id)?.result.content[0].text).toMatch(/^SHUTTING_DOWN: /);
});

test("T7: loads and calls are in the audit log as those of plugin/load are", async () => {
  using directory = new PluginDirectory();
  const path = join(directory.path, "audit.log");
  await using client = new McpClient({ only: ["echo"], args: ["--audit-log", path] });
  await client.call("echo", { secret: 1 });
  await client.over();
  const text = readFileSync(path, "utf8");
  const events = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events.map(({ event, plugin, outcome }) => [event, plugin, outcome])).toEqual([
    ["load", "echo", "ok"],
    ["execute", "echo", "ok"],
    ["unload", "echo", undefined],
  ]);
  expect(text).not.toContain("secret");
});

const usage: [args: readonly string[], words: RegExp][] = [
  [["stray"], /`stray` is not understood; mcp takes options only/],
  [["--prefix", "a b"], /--prefix is `a b`/],
  [["--grant", "network"], /--grant is `network`, NAME:network/],
  [["--grant", ":network"], /--grant is `:network`/],
  [["--grant", "a:netwrok"], /--grant is `a:netwrok`/],
  [["--grant", "a:network=yes"], /--grant is `a:network=yes`/],
  [["--grant", "a:write="], /--grant is `a:write=`/],
  [["--grant", "a:memory-mb=0"], /--grant is `a:memory-mb=0`/],
  [["--trust-workspace"], /--trust-workspace needs --workspace DIR/],
  [["--lock-trust"], /there is no option --lock-trust/],
];
test.each(usage)("G11: the command line %j is refused with what is needed", async (args, words) => {
  await using client = new McpClient({ args });
  expect(await client.closed()).toEqual({ status: 2, signal: null });
  expect(client.stderr).toMatch(words);
});

test("G11: what is granted a plugin has, and no other", async () => {
  using directory = new PluginDirectory();
  directory.add("one", { library: "hostile" });
  directory.add("other", { library: "hostile" });
  const args = ["--grant", `one:write=${directory.directory("open")}`];
  await using client = new McpClient({ trust: [directory.path], args });
  expect((await client.call("one", { do: "count" })).isError).toBeUndefined();
  const { tools } = await client.result("tools/list");
  expect(tools.map(({ annotations }: { annotations: object }) => annotations)).toMatchObject([
    { readOnlyHint: false },
    { readOnlyHint: true },
  ]);
});

test("G11: a grant that is not there is an isError of the calls that need it", async () => {
  await using client = new McpClient({ only: ["echo"], args: ["--grant", "echo:read=/nowhere/at/all"] });
  expect(await client.failure("echo")).toMatch(/^INVALID_PARAMS: .*\/nowhere\/at\/all/);
  await client.over();
});
