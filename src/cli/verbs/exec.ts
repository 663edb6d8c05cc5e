import { sandboxOption, trustOptions } from "./shared.ts";
import type { Verb } from "./verb.ts";

export const execVerb = {
  name: "exec",
  operands: "PATH-OR-NAME [options]",
  summary: "runs a plugin once and prints its result",
  statuses: { 0: "it did", 1: "success:false", 2: "an error" },
  options: {
    ...trustOptions,
    ...sandboxOption,
    network: { help: "let the plugin use the internet" },
    exec: { help: "let it start programs, confined as it is itself" },
    gpu: { help: "let it use graphics cards" },
    read: { value: "PATH", help: "let it read a directory or file, too (repeatable)" },
    write: { value: "PATH", help: "let it read and write to a directory or file, too (repeatable)" },
    "memory-mb": { value: "N", help: "how much memory it may use, in MiB (default 1024)" },
    "grant-requested": { help: "grant what its plugin.json asks for (permissions), beside what is given here" },
    explain: { help: "say at the end what the plugin was refused, and which options would allow it; slower" },
    input: { value: "JSON|@FILE|-", help: "the call's input: JSON, a file, or stdin (default {})" },
    config: { value: "JSON|@FILE|-", help: "the call's config (default {})" },
    workspace: { value: "DIR", help: "the call's workspace root" },
    env: { value: "NAME=VALUE", help: "a variable for the plugin's environment (repeatable)" },
    "timeout-ms": { value: "N", help: "how long the call may run (default: for ever)" },
    stream: { help: "print partial results as they come, each on a line, and the result on the last" },
  },
} as const satisfies Verb;
