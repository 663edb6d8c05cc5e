// Owns the figures that README.md and docs/performance.md show: rows of results.json, between two comments that name them.
// `npm run docs` writes them; a test fails where that was forgotten.

import { readFileSync, writeFileSync } from "node:fs";
import type { Outcome } from "./goals.ts";
import { rounded, table } from "./report.ts";

interface Results {
  readonly about: Readonly<Record<string, string>>;
  readonly goals: readonly Outcome[];
}

/** What a page can show, by the name in its comments. */
const summaries: Readonly<Record<string, (results: Results) => string>> = {
  mcp: ({ goals }) => ratios(goals, /^MCP, (.*): dlrpc by (.*)$/),
  protocol: ({ goals }) => ratios(goals, /^((?!MCP).*): dlrpc by ((?!the old one).*)$/),
  machine: ({ about }) => `Measured on ${about.date} at ${about.commit}: ${about.processor}, ${about.kernel}.`,
};

/** @param pattern its groups are what was measured, and what dlrpc was measured beside */
function ratios(goals: readonly Outcome[], pattern: RegExp): string {
  const rows = goals.flatMap(({ measure, value, goal }) => {
    const [, what, beside] = pattern.exec(measure) ?? [];
    if (what === undefined || beside === undefined) return [];
    return [[what, beside, `${rounded(value)} ×`, goal.startsWith("≤") ? "lower" : "higher"]];
  });
  return rows.length === 0 ? "Not measured yet." : table(["measure", "beside", "dlrpc", "is better"], rows);
}

/** The page with the figures of today. */
export function withSummaries(page: string, results: Results): string {
  return page.replaceAll(/(<!-- measured: (\w+) -->\n).*?(<!-- end -->)/gs, (_, begin, name, end) => {
    const summary = summaries[name];
    if (summary === undefined)
      throw new Error(`a page wants to show "${name}", which is none of ${Object.keys(summaries)}`);
    return `${begin}\n${summary(results)}\n\n${end}`;
  });
}

export const readResults = (): Results => JSON.parse(readFileSync(new URL("results.json", import.meta.url), "utf8"));
export const summarised = ["README.md", "docs/performance.md"] as const;

if (import.meta.main) {
  for (const path of summarised) {
    const file = new URL(`../${path}`, import.meta.url);
    writeFileSync(file, withSummaries(readFileSync(file, "utf8"), readResults()));
  }
}
