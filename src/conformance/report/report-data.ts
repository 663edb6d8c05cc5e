// What programs read of a run: JSON and JUnit XML.

import { countOutcomes, type Outcome } from "./outcome.ts";

export type ReportFormat = "junit" | "json";

export function report(format: ReportFormat, outcomes: readonly Outcome[], milliseconds: number): string {
  return format === "json" ? toJson(outcomes, milliseconds) : toJunit(outcomes, milliseconds);
}

function toJson(outcomes: readonly Outcome[], milliseconds: number): string {
  const transcripts = outcomes.map(
    ({ section, transcript: { name, rules }, milliseconds, failure, notApplicable }) => ({
      section,
      name,
      rules,
      passed: notApplicable === undefined ? failure === undefined : null,
      milliseconds: Math.round(milliseconds),
      ...(failure !== undefined && { failure: { ...failure, step: failure.step ?? null } }),
      ...(notApplicable !== undefined && { notApplicable }),
    }),
  );
  const sum = { transcripts: outcomes.length, ...countOutcomes(outcomes) };
  return `${JSON.stringify({ ...sum, milliseconds: Math.round(milliseconds), outcomes: transcripts }, null, 2)}\n`;
}

function toJunit(outcomes: readonly Outcome[], milliseconds: number): string {
  const sections = [...new Set(outcomes.map(({ section }) => section))];
  const suites = sections.map((section) => {
    const own = outcomes.filter((outcome) => outcome.section === section);
    const time = own.reduce((sum, outcome) => sum + outcome.milliseconds, 0);
    const attributes = { name: section, ...countsOf(own), time: seconds(time) };
    return element("testsuite", attributes, own.map(testCase).join(""));
  });
  const attributes = { name: "dlrpc conformance", ...countsOf(outcomes), time: seconds(milliseconds) };
  const root = element("testsuites", attributes, suites.join(""));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;
}

function countsOf(outcomes: readonly Outcome[]) {
  const { failed, notApplicable } = countOutcomes(outcomes);
  return { tests: outcomes.length, failures: failed, skipped: notApplicable };
}

function testCase({ section, transcript: { name, rules }, milliseconds, failure, notApplicable }: Outcome): string {
  const attributes = { classname: section, name: `${name} (${rules.join(" ")})`, time: seconds(milliseconds) };
  if (notApplicable !== undefined) {
    return element("testcase", attributes, element("skipped", { message: notApplicable }, ""));
  }
  if (failure === undefined) return element("testcase", attributes, "");
  const { found, expected, conversation, stderr } = failure;
  const text = [...conversation, `expected: ${expected}`, `found: ${found}`, stderr].join("\n");
  return element("testcase", attributes, element("failure", { message: `found ${found}` }, escapeXml(text)));
}

function element(name: string, attributes: Readonly<Record<string, string | number>>, content: string): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`);
  return `<${name}${written.join("")}>${content}</${name}>\n`;
}

/** Also takes out what XML 1.0 cannot hold at all. */
function escapeXml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;" };
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"\n]/g, (character) => entities[character] ?? character);
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
