// What the verbs for authors of plugins and of servers take.

import { fileStatuses, USAGE } from "../exit-status.ts";
import { trialOptions } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

export const buildWorkerVerb = {
  name: "build-worker",
  operands: "[options]",
  summary: "compiles the program that plugins run in, for a system that dlrpc is not shipped with one for",
  options: {
    cc: { value: "COMMAND", help: "the C compiler (default: $CC, else cc; on Windows gcc, clang or cl)" },
  },
} as const satisfies Verb;

/** What `dlrpc conformance` can report to programs. */
export const reportFormats = ["junit", "json"] as const;

export const conformanceVerb = {
  name: "conformance",
  operands: "[options] -- COMMAND… | --build-plugins DIR",
  summary: "tries a server against the transcripts of the protocol",
  statuses: { 0: "all passed", 1: "one failed", 2: "an error" },
  options: {
    filter: { value: "TEXT", help: "only transcripts with TEXT in name, rule or section (repeatable)" },
    report: { value: reportFormats.join("|"), help: "a report on stdout; what people read goes to stderr" },
    jobs: { value: "N", help: "transcripts at once (default: two per core)" },
    plugins: { value: "DIR", help: "plugins that were built already, in the place of building them" },
    "build-plugins": { value: "DIR", help: "only builds the plugins, with $CC for its system, into DIR" },
    "limit-ms": { value: "N", help: "how long one transcript may take (default 60000)" },
  },
} as const satisfies Verb;

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

/** The languages that there are templates for. */
export const languages = ["c", "cpp", "rust", "go", "d"] as const;

export const newVerb = {
  name: "new",
  operands: `NAME --lang ${languages.join("|")}`,
  summary: "makes a directory with a plugin that builds with one command, to begin from",
  statuses: { [USAGE]: fileStatuses[USAGE] },
  options: {
    lang: { value: languages.join("|"), help: "what it is written in" },
  },
  more: "Nothing is fetched: what the plugin includes is copied beside it, so that it builds anywhere.",
} as const satisfies Verb;
