import { trialOptions } from "./shared.ts";
import type { Verb } from "./verb.ts";

export const execVerb = {
  name: "exec",
  operands: "PATH-OR-NAME [options]",
  completed: "plugins",
  summary: "runs a plugin once and prints its result",
  statuses: { 0: "it did", 1: "success:false", 2: "an error" },
  options: {
    ...trialOptions,
    stream: { help: "print partial results as they come, each on a line, and the result on the last" },
  },
} as const satisfies Verb;
