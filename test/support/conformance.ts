// The conformance suite as tests see it: its files as they stand in the repository, and runs of the program's verb.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readRules, readTranscripts, type Transcript } from "../../src/conformance/transcript/format.ts";
import { projectRoot } from "./paths.ts";
import { type Outcome, run } from "./run.ts";

export const suiteDirectory = join(projectRoot, "protocol", "conformance");

const read = (name: string) => JSON.parse(readFileSync(join(suiteDirectory, name), "utf8"));

export const rules = readRules("rules.json", read("rules.json"));
export const recipes: Record<string, { source: string }> = read("plugins.json");

/** File name → its transcripts. */
export const files: Record<string, Transcript[]> = Object.fromEntries(
  readdirSync(suiteDirectory)
    .filter((name) => name.endsWith(".json") && name !== "rules.json" && name !== "plugins.json")
    .map((name) => [name, readTranscripts(name, read(name)).transcripts]),
);

export const transcripts = Object.values(files).flat();

/**
 * Runs the suite against a command.
 * @param runner the program whose verb runs it
 * @returns what the program said, and which transcripts failed or were not applicable
 */
export async function runConformance(
  options: readonly string[],
  command: readonly string[],
  runner?: readonly string[],
): Promise<Outcome & { failed: string[]; notApplicable: string[]; total: number }> {
  const outcome = await run(["conformance", "--report=json", ...options, "--", ...command], {
    ...(runner !== undefined && { program: runner }),
  });
  if (outcome.stdout === "") throw new Error(`there is no report; stderr says: ${outcome.stderr}`);
  const report: { outcomes: { name: string; passed: boolean | null }[] } = JSON.parse(outcome.stdout);
  const namesOf = (what: boolean | null) =>
    report.outcomes.filter(({ passed }) => passed === what).map(({ name }) => name);
  return { ...outcome, failed: namesOf(false), notApplicable: namesOf(null), total: report.outcomes.length };
}
