// Owns what shows a rule of SPEC.md: the tests and the transcripts that cite its number.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Citation {
  readonly rule: string;
  /** The file that it stands in, relative to the project. */
  readonly file: string;
  /** The test's or the transcript's name. */
  readonly name: string;
}

const root = fileURLToPath(new URL("..", import.meta.url));

/** The first argument of test, it and describe, be it a `.each` of them, where that is a text. */
const TITLE = /(?:\b(?:test|it|describe)(?:\.\w+)*\(|\)\()\s*(["'`])((?:\\.|(?!\1)[^\\])*)\1/gs;
const RULE = /\b[A-Z][0-9]+\b/g;

function textsOf(...patterns: string[]): { file: string; text: string }[] {
  const files = globSync(patterns, { cwd: root, exclude: ["**/node_modules"] }).sort();
  return files.map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));
}

/** The numbers of all rules that the names of tests cite. */
function testCitations(): Citation[] {
  return textsOf("test/**/*.test.ts", "test/windows/inside/*.ts").flatMap(({ file, text }) =>
    [...text.matchAll(TITLE)].flatMap(([, , name = ""]) =>
      [...new Set(name.match(RULE))].map((rule) => ({ rule, file, name })),
    ),
  );
}

/** A file of transcripts, as far as it is of interest here; other files of that folder have no such member. */
interface TranscriptFile {
  readonly transcripts?: readonly { readonly name: string; readonly rules: readonly string[] }[];
}

function transcriptCitations(): Citation[] {
  return textsOf("protocol/conformance/**/*.json").flatMap(({ file, text }) => {
    const { transcripts = [] }: TranscriptFile = JSON.parse(text);
    return transcripts.flatMap(({ name, rules }) => rules.map((rule) => ({ rule, file, name })));
  });
}

/** All of them, transcripts first, by file and in each as they stand there. */
export function citations(): Citation[] {
  return [...transcriptCitations(), ...testCitations()];
}
