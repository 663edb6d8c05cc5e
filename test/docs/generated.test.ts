// What is written by `npm run docs` is up to date.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readResults, summarised, withSummaries } from "../../bench/summary.ts";
import { errorKinds } from "../../protocol/error-kinds.ts";
import { listing, withLists } from "../../protocol/registry-lists.ts";
import { rulePages } from "../../protocol/rule-index.ts";
import { troubleshootingText } from "../../protocol/troubleshooting.ts";
import { Page } from "../support/page.ts";
import { projectRoot } from "../support/paths.ts";

const specification = readFileSync(join(projectRoot, "protocol", "SPEC.md"), "utf8");
const numbered = (text: string) => [...text.matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)].map(([, rule]) => rule);

test("docs/protocol.md and docs/rules are what `npm run docs` would write", () => {
  const written = rulePages(specification);
  expect([...written.keys()].sort()).toEqual([
    "docs/protocol.md",
    ...globSync("docs/rules/*", { cwd: projectRoot }).sort(),
  ]);
  for (const [path, text] of written) expect(new Page(path).text, path).toBe(text);
  expect(numbered(written.get("docs/protocol.md") ?? "")).toEqual(numbered(specification));
});

test("docs/troubleshooting.md is what `npm run docs` would write", () => {
  const page = new Page("docs/troubleshooting.md");
  expect(page.text).toBe(troubleshootingText());
  const kinds = [...page.text.matchAll(/^## ([A-Z_]+)\n\n.*\n\n\*\*What to do\.\*\* /gm)].map(([, kind]) => kind);
  expect(kinds).toEqual(Object.keys(errorKinds));
  expect(page.text).not.toContain("undefined");
});

test.each(listing)("the errors and warnings that %s lists are those of the registry", (path) => {
  const { text } = new Page(path);
  expect(text).toContain("`npm run docs` lists ");
  expect(text).toBe(withLists(text));
});

test.each(summarised)("the figures in %s are those of bench/results.json", (path) => {
  const { text } = new Page(path);
  expect(text).toContain("<!-- measured: mcp -->");
  expect(text).toBe(withSummaries(text, readResults()));
});

test("of MCP each revision has a column", () => {
  const measure = { quietest: 1, met: true, value: 0.3333, goal: "≤ 0.5 ×" };
  const goals = [
    { ...measure, measure: "p50, string, 100 B: dlrpc by the Rust engine" },
    { ...measure, measure: "MCP 2025-11-25, the 20 calls after that: dlrpc by the SDK 2" },
    { ...measure, measure: "MCP 2025-11-25, calls a second: dlrpc by the SDK 2", goal: "≥ 4 ×", value: 4.56 },
    { ...measure, measure: "MCP 2026-07-28, the 20 calls after that: dlrpc by the SDK 2", value: 0.25 },
    { ...measure, measure: "MCP 2026-07-28, calls a second: dlrpc by the SDK 2", goal: "≥ 4 ×", value: 7 },
  ];
  const [, shown = ""] = withSummaries("<!-- measured: mcp -->\n<!-- end -->", { about: {}, goals }).split("mcp -->\n");
  expect(shown.trim().split("\n")).toEqual([
    "| measure | is better | 2025-11-25 | 2026-07-28 |",
    "| --- | --- | --- | --- |",
    "| the 20 calls after that | lower | 0.333 × | 0.25 × |",
    "| calls a second | higher | 4.56 × | 7 × |",
    "",
    "<!-- end -->",
  ]);
});

test("a page that wants to show figures that there are not is refused", () => {
  const page = "<!-- measured: nothing -->\n<!-- end -->";
  expect(() => withSummaries(page, readResults())).toThrow(/"nothing", which is none of mcp,/);
});
