import { fileStatuses } from "../exit-status.ts";
import type { Verb } from "../verb.ts";

export const packVerb = {
  name: "pack",
  operands: "DIR… --mcpb FILE | --agent-plugin DIR [options] [-- OPTIONS-OF-MCP]",
  completed: "directories",
  summary: "makes a package of plugins that agents install, with dlrpc in it",
  statuses: fileStatuses,
  options: {
    mcpb: { value: "FILE", help: "make an MCP Bundle" },
    "agent-plugin": { value: "DIR", help: "make an Agent Plugin, in a new or empty directory" },
    program: { value: "PLATFORM=FILE", help: "the single executable for a platform, such as linux-arm64 (repeatable)" },
    name: { value: "NAME", help: "what the package is called (default: as its one plugin)" },
    version: { value: "VERSION", help: "the package's version (default: the plugin's)" },
    description: { value: "TEXT", help: "what it is for (default: the plugin's)" },
    author: { value: "NAME", help: "who makes it (default: the plugin's)" },
    force: { help: "write over a FILE that exists" },
  },
} as const satisfies Verb;
