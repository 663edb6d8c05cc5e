import { fileStatuses, USAGE } from "../exit-status.ts";
import { trialOptions } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

/** Read anew for each call: stdin could be read only once. */
const json = "JSON|@FILE";

export const devVerb = {
  name: "dev",
  operands: "DIR [options] [-- COMMAND…]",
  summary: "builds a plugin and calls it, again whenever a file in DIR changes",
  statuses: { [USAGE]: fileStatuses[USAGE], 74: "nobody reads what it says; else Ctrl-C ends it" },
  options: {
    ...trialOptions,
    input: { value: json, help: "the call's input: JSON or a file (default DIR/input.json where it is there)" },
    config: { value: json, help: "the call's config: JSON or a file (default {})" },
  },
  more: [
    "COMMAND builds the plugin, in DIR; by default that is `make` where there is a Makefile. What is called is the plugin",
    "in DIR; where a build fails, the one before stays. Changes of hidden files, of libraries and objects, and in",
    "directories called build, dist, node_modules and target are not looked at: builds make them.",
  ].join("\n"),
} as const satisfies Verb;
