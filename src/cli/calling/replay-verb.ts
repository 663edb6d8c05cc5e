import { DEFECT, fileStatuses } from "../exit-status.ts";
import { trialOptions, trustOptions } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

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
