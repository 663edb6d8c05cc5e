// Owns a run of the suite: which transcripts, some at once, the plugins that they need, what came of each.

import { rm } from "node:fs/promises";
import { transcriptFiles } from "./assets.ts";
import type { Transcript } from "./format.ts";
import { type Failure, play } from "./play.ts";
import { buildPlugins } from "./plugins.ts";
import { temporaryDirectory } from "./workplace.ts";

export interface SuiteOptions {
  /** The server and its first arguments. */
  readonly command: readonly string[];
  /** How many transcripts are run at once. */
  readonly jobs: number;
  readonly limitMs: number;
  readonly onOutcome: (outcome: Outcome, done: number, total: number) => void;
}

/** A transcript with the section that it stands in. */
export interface Entry {
  readonly section: string;
  readonly transcript: Transcript;
}

export interface Outcome extends Entry {
  readonly milliseconds: number;
  readonly failure: Failure | undefined;
}

export function countFailures(outcomes: readonly Outcome[]): number {
  return outcomes.filter(({ failure }) => failure !== undefined).length;
}

/** The transcripts with one of `filters` in their section, name or rules, in their order; without any filter all. */
export function selectTranscripts(filters: readonly string[]): Entry[] {
  const all = transcriptFiles.flatMap(({ section, transcripts }) =>
    transcripts.map((transcript) => ({ section, transcript })),
  );
  if (filters.length === 0) return all;
  return all.filter(({ section, transcript }) => {
    const texts = [section, transcript.name, ...transcript.rules].map((text) => text.toLowerCase());
    return filters.some((filter) => texts.some((text) => text.includes(filter.toLowerCase())));
  });
}

/** @returns the outcomes in the order of the transcripts @throws CannotBuild, CannotStart */
export async function runSuite(entries: readonly Entry[], options: SuiteOptions): Promise<Outcome[]> {
  const { command, jobs, limitMs, onOutcome } = options;
  const directory = await temporaryDirectory();
  try {
    await buildPlugins(directory, JSON.stringify(entries), jobs);
    const outcomes: Outcome[] = new Array(entries.length);
    let next = 0;
    let done = 0;
    const work = async () => {
      for (let i = next++; i < entries.length; i = next++) {
        const entry = entries[i] as Entry;
        const begun = performance.now();
        const failure = await play(entry.transcript, { command, plugins: directory, limitMs });
        const outcome = { ...entry, milliseconds: performance.now() - begun, failure };
        outcomes[i] = outcome;
        onOutcome(outcome, ++done, entries.length);
      }
    };
    await Promise.all(Array.from({ length: Math.min(jobs, entries.length) }, work));
    return outcomes;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
