import { fileStatuses } from "../exit-status.ts";
import { jsonOption, trustOptions } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

const { "trust-workspace": _, ...options } = trustOptions;

export const validateVerb = {
  name: "validate",
  operands: "PLUGIN… [options]",
  completed: "plugins",
  summary: "looks for what is wrong with plugins, without running them",
  statuses: { 0: "nothing but warnings", 1: "one would not load", ...fileStatuses },
  options: { ...options, json: jsonOption },
  more: "PLUGIN is a plugin's directory, or the name of one in a trusted directory.",
} as const satisfies Verb;
