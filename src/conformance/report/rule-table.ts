// The table of the rules that were tried.

import { rules } from "../transcript/assets.ts";
import { countOutcomes, type Outcome } from "./outcome.ts";

/** A line for each rule that was tried. */
export function describeRules(outcomes: readonly Outcome[]): string {
  const rows = rules.flatMap(({ rule, says }) => {
    const { passed, failed } = countOutcomes(outcomes.filter(({ transcript }) => transcript.rules.includes(rule)));
    return passed + failed === 0 ? [] : [[rule, says, ...[passed + failed, passed, failed].map(String)]];
  });
  const head = ["rule", "", "transcripts", "passed", "failed"];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ");
  return `${[head, ...rows].map(line).join("\n")}\n`;
}
