// docs/mcp.md: what it shows works, and its rules are all tested.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mcpVerb } from "../../src/cli/serving/mcp-verb.ts";
import { McpClient } from "../mcp/support/client.ts";
import { Page, Reader } from "../support/page.ts";
import { projectRoot } from "../support/paths.ts";

const page = new Page("docs/mcp.md");
const [compile = "", ask = ""] = page.code("sh");

let reader: Reader;

beforeAll(async () => {
  reader = new Reader();
  reader.copy(page);
  await reader.run(compile.replace("cc ", "cc -Wall -Wextra -Werror "));
});
afterAll(() => reader[Symbol.dispose]());

test("the tool that it makes is listed, in order, and can be called", async () => {
  await using client = new McpClient({ trust: [join(reader.path, "plugins")] });
  const { tools } = await client.result("tools/list");
  expect(tools).toMatchObject([{ name: "load-average", title: "Load average", annotations: { readOnlyHint: true } }]);
  const { structuredContent } = await client.call("load-average");
  expect(Object.values(structuredContent).every((load) => typeof load === "number")).toBe(true);
  expect(client.stderr).toBe("");
  await client.over();
});

test("the request that it shows is answered", async () => {
  expect(JSON.parse(await reader.run(ask)).result.tools).toHaveLength(1);
});

test("the entries for clients are JSON", () => {
  const entries = [page, new Page("README.md")].flatMap((each) => each.code("jsonc"));
  expect(entries).toHaveLength(2);
  for (const entry of entries) expect(JSON.parse(entry).mcpServers.plugins.args[0]).toBe("mcp");
});

test("its options are the program's", () => {
  const named = [...page.text.matchAll(/^\| `--([a-z-]+)/gm)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !Object.hasOwn(mcpVerb.options, name))).toEqual([]);
});

test("each of its rules is cited by a test", () => {
  const here = join(projectRoot, "test", "mcp");
  const files = readdirSync(here).filter((name) => name.endsWith(".test.ts"));
  const tests = files.map((name) => readFileSync(join(here, name), "utf8")).join("\n");
  const rules = [...page.text.matchAll(/^- \*\*(G\d+)\*\*/gm)].map(([, rule = ""]) => rule);
  expect(rules.length).toBeGreaterThan(10);
  expect(rules.filter((rule) => !new RegExp(`"[^"]*\\b${rule}\\b[^"]*:`).test(tests))).toEqual([]);
});
