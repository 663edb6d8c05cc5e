import { fileStatuses } from "../exit-status.ts";
import type { Verb } from "../verb.ts";

export const verifyVerb = {
  name: "verify",
  operands: "DIR --key KEYFILE",
  completed: "directories",
  summary: "says whether a plugin is as it was signed",
  statuses: { 0: "it is", 1: "it is not", ...fileStatuses },
  options: {
    key: { value: "KEYFILE", help: "a public key whose signature counts (repeatable)" },
  },
} as const satisfies Verb;
