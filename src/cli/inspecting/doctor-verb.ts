import { jsonOption, trustOptions } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

export const doctorVerb = {
  name: "doctor",
  operands: "[options]",
  summary: "says what of dlrpc works on this machine, and how to mend what does not",
  statuses: { 0: "all that is needed is there", 1: "something is not", 2: "an error" },
  options: { trust: trustOptions.trust, json: jsonOption },
} as const satisfies Verb;
