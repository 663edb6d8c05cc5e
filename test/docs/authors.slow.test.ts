// docs/authors.md: who follows it, step by step, has a plugin that is signed, packed, installed and a tool.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { StandIns } from "../cli/packing/package.ts";
import { McpClient } from "../mcp/support/client.ts";
import { Developer } from "../support/developer.ts";
import { Page, Reader } from "../support/page.ts";

const page = new Page("docs/authors.md");
const [begin = "", , call = "", strict = "", validate = "", sign = "", pack = "", install = ""] = page.code("sh");
const [change = ""] = page.code("go");
const [shown = ""] = page.code("text");

/** What a build and a call take differs, and what compilers do. */
const constant = (text: string) => text.replaceAll(/\d+\.\d+/g, "N");

/** Go is built with several times, the first time with all of its library. */
const timeout = 300_000;

test.skipIf(lacks("make") || lacks("go"))("docs/authors.md", { timeout }, async () => {
  using reader = new Reader();
  expect(await reader.run(begin)).toContain("Made words. Next:");
  const home = join(reader.path, "words");
  for (const name of ["main.go", "plugin.json", "input.json", "Makefile"]) expect(readdirSync(home)).toContain(name);

  {
    await using dev = new Developer(["words"], { cwd: reader.path, env: reader.env });
    await dev.until("Ctrl-C ends.\n");
    const source = readFileSync(join(home, "main.go"), "utf8");
    const changed = source
      .replace(/^func output\(.*?^}\n/ms, () => change)
      .replace('\t"fmt"\n', '\t"errors"\n\t"fmt"\n\t"strings"\n');
    writeFileSync(join(reader.path, "main.go"), changed);
    await reader.run("mv main.go words/main.go");
    const said = await dev.until(/ MiB \(was .*\)\n/);
    expect(constant(said.trim())).toBe(constant(shown.trim()));
  }

  const results = (await reader.run(call))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const [, answer] = page.code("json").map((text) => JSON.parse(text));
  expect(results).toEqual([answer, { ...answer, output: { words: 1 } }]);
  expect(JSON.parse(await reader.run(strict))).toMatchObject({ success: true });
  await reader.run(validate);
  const signed = await reader.run(sign.replace("dlrpc keygen", "dlrpc keygen --no-password")); // there is no terminal
  expect(signed).toContain("signed with");

  mkdirSync(join(reader.path, "release"));
  const { own } = new StandIns(mkdtempSync(join(reader.path, "release", "of-")));
  await reader.run(pack.replace("dlrpc pack", `dlrpc pack --program ${process.platform}-${process.arch}=${own}`));
  expect(readdirSync(reader.path)).toContain("words.mcpb");

  const installed = await reader.run(install);
  expect(JSON.parse(installed.trim().split("\n").at(-1) ?? "")).toMatchObject({ output: { words: 1 } });
  await using client = new McpClient({ trust: [], env: { HOME: reader.path } });
  const { tools } = await client.result("tools/list");
  expect(tools).toMatchObject([{ name: "words", inputSchema: { properties: { text: { type: "string" } } } }]);
  expect((await client.call("words", { text: "to be or not to be" })).structuredContent).toEqual({ words: 6 });
  await client.over();
});
