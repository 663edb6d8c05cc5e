import type { Verb } from "../verb.ts";

export const buildWorkerVerb = {
  name: "build-worker",
  operands: "[options]",
  summary: "compiles the program that plugins run in, for a system that dlrpc is not shipped with one for",
  options: {
    cc: { value: "COMMAND", help: "the C compiler (default: $CC, else cc; on Windows gcc, clang or cl)" },
  },
} as const satisfies Verb;
