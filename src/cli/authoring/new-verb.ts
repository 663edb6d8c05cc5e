import { fileStatuses, USAGE } from "../exit-status.ts";
import type { Verb } from "../verb.ts";

/** The languages that there are templates for. */
export const languages = ["c", "cpp", "rust", "go", "d"] as const;

export const newVerb = {
  name: "new",
  operands: `NAME --lang ${languages.join("|")}`,
  summary: "makes a directory with a plugin that builds with one command, to begin from",
  statuses: { [USAGE]: fileStatuses[USAGE] },
  options: {
    lang: { value: languages.join("|"), help: "what it is written in" },
  },
  more: "Nothing is fetched: what the plugin includes is copied beside it, so that it builds anywhere.",
} as const satisfies Verb;
