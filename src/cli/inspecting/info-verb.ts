import { fileStatuses } from "../exit-status.ts";
import { inspectingOptions } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

export const infoVerb = {
  name: "info",
  operands: "PLUGIN [options]",
  completed: "plugins",
  summary: "says what is known of a plugin without running it",
  statuses: { 0: "it would load", 1: "it would not", ...fileStatuses },
  options: inspectingOptions,
  more: "PLUGIN is a plugin's directory, or the name of one in a trusted directory.",
} as const satisfies Verb;
