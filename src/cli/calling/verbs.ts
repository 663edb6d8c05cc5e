// What the verbs that call plugins take.

import { DEFECT, fileStatuses, runStatuses } from "../exit-status.ts";
import { recordOption, trialOptions, trustOptions } from "../shared-options.ts";
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

const { env, "timeout-ms": timeoutMs } = trialOptions;

export const replayVerb = {
  name: "replay",
  operands: "RECEIPT [options]",
  summary: "runs a call again that --record has kept, and says whether it ends in the same way",
  statuses: { 0: "it did", 1: "it ended otherwise", ...fileStatuses, [DEFECT]: "a defect of dlrpc" },
  options: {
    ...trustOptions,
    changed: { help: "also where the plugin's library is another by now" },
    env,
    "timeout-ms": { ...timeoutMs, help: "how long the call may run (default: as long as then)" },
  },
  more: "It runs as then, with the same grants, which are said. Variables for the plugin's environment are not kept: give them with --env.",
} as const satisfies Verb;
