// Owns what people read of a run: each failure with the conversation that led to it, and the table of the rules.

import { rules } from "./assets.ts";
import { countFailures, type Outcome } from "./suite.ts";

const STDERR_LINES = 12;

export function describeFailure({ section, transcript, failure }: Outcome): string {
  if (failure === undefined) return "";
  const place = failure.step === undefined ? "after the last step" : `in step ${failure.step}`;
  const lines = [
    `FAILED  ${section}: ${transcript.name} (${transcript.rules.join(" ")}), ${place}`,
    ...failure.conversation.map((line) => `  ${line}`),
    `  expected: ${failure.expected}`,
    `  found:    ${failure.found}`,
    ...lastLines(failure.stderr).map((line) => `  stderr:   ${line}`),
  ];
  return `${lines.join("\n")}\n`;
}

function lastLines(text: string): string[] {
  return text === "" ? [] : text.trimEnd().split("\n").slice(-STDERR_LINES);
}

/** A line for each rule that was tried, and the sum. */
export function describeRules(outcomes: readonly Outcome[]): string {
  const rows = rules.flatMap(({ rule, says }) => {
    const tried = outcomes.filter(({ transcript }) => transcript.rules.includes(rule));
    if (tried.length === 0) return [];
    const failed = countFailures(tried);
    return [[rule, says, String(tried.length), String(tried.length - failed), String(failed)]];
  });
  const head = ["rule", "", "transcripts", "passed", "failed"];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ");
  return `${[head, ...rows].map(line).join("\n")}\n`;
}

export function describeSum(outcomes: readonly Outcome[], milliseconds: number): string {
  const failed = countFailures(outcomes);
  const seconds = (milliseconds / 1000).toFixed(1);
  return `${outcomes.length} transcripts in ${seconds} s: ${outcomes.length - failed} passed, ${failed} failed\n`;
}
