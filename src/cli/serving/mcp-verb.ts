import { auditLogOption, boundOptions, recordOption, sandboxOption, trustOptions } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

/** The hosts whose configuration `dlrpc mcp --print-config` knows. */
export const configHosts = ["claude", "vscode", "cursor", "zed", "codex", "gemini"] as const;

export type ConfigHost = (typeof configHosts)[number];

export const mcpVerb = {
  name: "mcp",
  operands: "[options]",
  summary: "offers plugins as tools to a client of MCP, on stdin and stdout",
  options: {
    ...trustOptions,
    workspace: { value: "DIR", help: "the workspace root of all calls, which plugins may then write to" },
    ...sandboxOption,
    grant: {
      value: "NAME:WHAT",
      help: "let the plugin NAME do more: network, exec, gpu, read=PATH, write=PATH or memory-mb=N (repeatable)",
    },
    "grant-requested": { value: "NAME", help: "grant the plugin NAME what its plugin.json asks for, too (repeatable)" },
    "print-config": {
      value: configHosts.join("|"),
      help: "print what that host's configuration needs to start this, and where it belongs",
    },
    only: { value: "NAME", help: "make a tool of this plugin only, and of others that are named so (repeatable)" },
    prefix: { value: "TEXT", help: "call tools TEXT and the plugin's name" },
    "idle-unload-ms": { value: "N", help: "end the process of a plugin that has had no call for so long" },
    "audit-log": auditLogOption,
    record: recordOption,
    ...boundOptions,
  },
} as const satisfies Verb;
