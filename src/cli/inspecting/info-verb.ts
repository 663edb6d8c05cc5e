import { fileStatuses } from "../exit-status.ts";
import { jsonOption, trustOptions } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

const { "trust-workspace": _, ...options } = trustOptions;

export const infoVerb = {
  name: "info",
  operands: "PLUGIN [options]",
  completed: "plugins",
  summary: "says what is known of a plugin without running it",
  statuses: { 0: "it would load", 1: "it would not", ...fileStatuses },
  options: { ...options, json: jsonOption },
  more: "PLUGIN is a plugin's directory, or the name of one in a trusted directory.",
} as const satisfies Verb;
