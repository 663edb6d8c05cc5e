import { fileStatuses } from "../exit-status.ts";
import { inspectingOptions } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

export const validateVerb = {
  name: "validate",
  operands: "PLUGIN… [options]",
  completed: "plugins",
  summary: "looks for what is wrong with plugins, without running them",
  statuses: { 0: "nothing but warnings", 1: "one would not load", ...fileStatuses },
  options: inspectingOptions,
  more: "PLUGIN is a plugin's directory, or the name of one in a trusted directory.",
} as const satisfies Verb;
