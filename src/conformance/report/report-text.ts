// What people read of a run: each failure with the conversation that led to it, what was not run, the rules that were tried.

import type { Failure } from "../play.ts";
import { countOutcomes, type Outcome } from "./outcome.ts";

const STDERR_LINES = 12;

/** @returns nothing where it has passed */
export function describeOutcome(outcome: Outcome): string {
  const { section, transcript, failure, notApplicable } = outcome;
  const title = `${section}: ${transcript.name} (${transcript.rules.join(" ")})`;
  if (notApplicable !== undefined) return `NOT APPLICABLE  ${title}, because ${notApplicable}\n`;
  return failure === undefined ? "" : `${describeFailure(title, failure)}\n`;
}

function describeFailure(title: string, failure: Failure): string {
  const place = failure.step === undefined ? "after the last step" : `in step ${failure.step}`;
  const lines = [
    `FAILED  ${title}, ${place}`,
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

export function describeSum(outcomes: readonly Outcome[], milliseconds: number): string {
  const { passed, failed, notApplicable } = countOutcomes(outcomes);
  const seconds = (milliseconds / 1000).toFixed(1);
  const others = notApplicable === 0 ? "" : `, ${notApplicable} not applicable`;
  return `${outcomes.length} transcripts in ${seconds} s: ${passed} passed, ${failed} failed${others}\n`;
}

/** A line for each rule that was tried. */
export function describeRules(
  rules: readonly { readonly rule: string; readonly says: string }[],
  outcomes: readonly Outcome[],
): string {
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
