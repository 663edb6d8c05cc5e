import type { Verb } from "../verb.ts";

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
