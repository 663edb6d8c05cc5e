// Which tests and conformance transcripts cite which rules of SPEC.md, by their numbers.

import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { projectRoot } from "../support/paths.ts";

export interface Citation {
  rule: string;
  /** The file that it stands in, relative to the project. */
  file: string;
  /** The test's or the transcript's name. */
  name: string;
}

/** The first argument of test, it and describe, be it a `.each` of them, where that is a text. */
const TITLE = /(?:\b(?:test|it|describe)(?:\.\w+)*\(|\)\()\s*(["'`])((?:\\.|(?!\1)[^\\])*)\1/gs;
const RULE = /\b[A-Z][0-9]+\b/g;

/** The numbers of all rules that the names of tests cite. */
function testCitations(): Citation[] {
  return globSync(["test/**/*.test.ts", "test/windows/inside/*.ts"], { cwd: projectRoot }).flatMap((file) => {
    const titles = readFileSync(join(projectRoot, file), "utf8").matchAll(TITLE);
    return [...titles].flatMap(([, , name = ""]) => [...name.matchAll(RULE)].map(([rule]) => ({ rule, file, name })));
  });
}

/** A file of transcripts, as far as it is of interest here; other files of that folder have no such member. */
interface TranscriptFile {
  transcripts?: { name: string; rules: string[] }[];
}

function transcriptCitations(): Citation[] {
  return globSync("protocol/conformance/**/*.json", { cwd: projectRoot }).flatMap((file) => {
    const { transcripts = [] }: TranscriptFile = JSON.parse(readFileSync(join(projectRoot, file), "utf8"));
    return transcripts.flatMap(({ name, rules }) => rules.map((rule) => ({ rule, file, name })));
  });
}

export function citations(): Citation[] {
  return [...testCitations(), ...transcriptCitations()];
}

/** How often each file cites a rule: `framing.test.ts 3, messages.json 1`. */
export function summary(cited: readonly Citation[]): string {
  const counts = new Map<string, number>();
  for (const { file } of cited) counts.set(basename(file), (counts.get(basename(file)) ?? 0) + 1);
  return [...counts].map(([file, count]) => `${file} ${count}`).join(", ");
}
