// docs/mcp.md: what it shows works, and its rules are all tested.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mcpVerb } from "../../src/cli/verbs/mcp.ts";
import { ownProgram, projectRoot } from "../support/paths.ts";
import { McpClient } from "./client.ts";

const text = readFileSync(join(projectRoot, "docs", "mcp.md"), "utf8");
const blocks = (language: string) =>
  [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, found, code = ""]) => (found === language ? [code] : []));
const [compile = "", ask = ""] = blocks("sh");

let directory: string;

beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-docs-")));
  mkdirSync(join(directory, "plugins", "load-average"), { recursive: true, mode: 0o755 });
  writeFileSync(join(directory, "load-average.c"), blocks("c")[0] ?? "");
  writeFileSync(join(directory, "plugins", "load-average", "plugin.json"), blocks("json")[0] ?? "");
  const command = compile.replace("-Iprotocol", `-I${join(projectRoot, "protocol")} -Wall -Wextra -Werror`);
  execFileSync("sh", ["-c", command], { cwd: directory });
});
afterAll(() => rmSync(directory, { recursive: true }));

test("the tool that it makes is listed, in order, and can be called", async () => {
  await using client = new McpClient({ trust: [join(directory, "plugins")] });
  const { tools } = await client.result("tools/list");
  expect(tools).toMatchObject([{ name: "load-average", title: "Load average", annotations: { readOnlyHint: true } }]);
  const { structuredContent } = await client.call("load-average");
  expect(Object.values(structuredContent).every((load) => typeof load === "number")).toBe(true);
  expect(client.stderr).toBe("");
  await client.over();
});

test("the request that it shows is answered", () => {
  const command = ask.replace("| dlrpc", `| ${ownProgram.map((part) => `'${part}'`).join(" ")}`);
  const answer = execFileSync("sh", ["-c", command], { cwd: directory, encoding: "utf8" });
  expect(JSON.parse(answer).result.tools).toHaveLength(1);
});

test("the entries for clients are JSON", () => {
  const readme = readFileSync(join(projectRoot, "README.md"), "utf8");
  for (const [, code = ""] of [text, readme].flatMap((page) => [...page.matchAll(/^```jsonc\n(.*?)^```$/gms)]))
    expect(JSON.parse(code).mcpServers.plugins.args[0]).toBe("mcp");
});

test("its options are the program's", () => {
  const named = [...text.matchAll(/^\| `--([a-z-]+)/gm)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !Object.hasOwn(mcpVerb.options, name))).toEqual([]);
});

test("each of its rules is cited by a test", () => {
  const here = join(projectRoot, "test", "mcp");
  const files = readdirSync(here).filter((name) => name.endsWith(".test.ts"));
  const tests = files.map((name) => readFileSync(join(here, name), "utf8")).join("\n");
  const rules = [...text.matchAll(/^- \*\*(G\d+)\*\*/gm)].map(([, rule = ""]) => rule);
  expect(rules.length).toBeGreaterThan(10);
  expect(rules.filter((rule) => !new RegExp(`"[^"]*\\b${rule}\\b[^"]*:`).test(tests))).toEqual([]);
});
