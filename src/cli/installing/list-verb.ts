import { inspectingOptions } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

export const listVerb = {
  name: "list",
  operands: "[options]",
  summary: "lists the plugins in the trusted directories, without running any",
  options: inspectingOptions,
} as const satisfies Verb;
