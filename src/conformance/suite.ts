// A run of the suite: which transcripts, some at once, the plugins that they need, what came of each.

import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type PlayOptions, play } from "./play.ts";
import { buildPlugins } from "./plugins/build-plugins.ts";
import { copyPlugins, mentionedIn } from "./plugins/plugins.ts";
import type { Entry, Outcome } from "./report/outcome.ts";
import { temporaryDirectory } from "./server/workplace.ts";
import { transcriptFiles } from "./transcript/assets.ts";
import type { Transcript } from "./transcript/format.ts";
import { onSystem, thisMachine, whyNotApplicable } from "./transcript/variants.ts";

export interface SuiteOptions extends Omit<PlayOptions, "plugins"> {
  /** A directory with plugins that are built already. */
  readonly plugins: string | undefined;
  /** How many transcripts are run at once. */
  readonly jobs: number;
  readonly onOutcome: (outcome: Outcome, done: number, total: number) => void;
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

/** @returns the outcomes in the order of the transcripts @throws NoPlugins, CannotStart */
export async function runSuite(entries: readonly Entry[], options: SuiteOptions): Promise<Outcome[]> {
  const { command, jobs, limitMs, onOutcome } = options;
  const directory = await temporaryDirectory();
  try {
    const scratch = join(directory, "scratch");
    await mkdir(scratch);
    const machine = await thisMachine(scratch);
    const reasons = entries.map(({ transcript }) => whyNotApplicable(transcript, machine));
    const transcripts = entries.map(({ transcript }) => onSystem(transcript, machine.system));
    const names = mentionedIn(JSON.stringify(transcripts.filter((_, i) => reasons[i] === undefined)));
    const plugins = join(directory, "plugins");
    if (options.plugins === undefined) await buildPlugins(plugins, jobs, { names, system: machine.system });
    else await copyPlugins(options.plugins, plugins, names);
    const outcomes: Outcome[] = new Array(entries.length);
    let next = 0;
    let done = 0;
    const work = async () => {
      for (let i = next++; i < entries.length; i = next++) {
        const entry = entries[i] as Entry;
        const notApplicable = reasons[i];
        const begun = performance.now();
        const transcript = transcripts[i] as Transcript;
        const failure = notApplicable === undefined ? await play(transcript, { command, plugins, limitMs }) : undefined;
        const outcome = { ...entry, milliseconds: performance.now() - begun, failure, notApplicable };
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
