import { jsonOption, trustOptions } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

const { "trust-workspace": _, ...options } = trustOptions;

export const listVerb = {
  name: "list",
  operands: "[options]",
  summary: "lists the plugins in the trusted directories, without running any",
  options: { ...options, json: jsonOption },
} as const satisfies Verb;
