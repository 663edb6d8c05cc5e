import { DEFECT, runStatuses } from "../exit-status.ts";
import { recordOption, trialOptions } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

export const errorFormats = ["text", "json"] as const;

export const execVerb = {
  name: "exec",
  operands: "PATH-OR-NAME [options]",
  completed: "plugins",
  summary: "runs a plugin once and prints its result",
  statuses: {
    0: "it did",
    1: "success:false",
    ...runStatuses,
    [DEFECT]: "a defect of dlrpc",
    74: "the result cannot be written",
  },
  options: {
    ...trialOptions,
    record: recordOption,
    "error-format": { value: errorFormats.join("|"), help: "how an error is told on stderr; json: one line, the last" },
    repeat: { value: "N", help: "call it N times, print the last result, and on stderr how long calls took" },
    stream: { help: "print partial results as they come, each on a line, and the result on the last" },
  },
} as const satisfies Verb;
