// The options that several verbs take.

import { logLevels } from "../observe/log.ts";
import { profiles } from "../sandbox-policy/policy.ts";
import type { Options } from "./verb.ts";

export const trustOptions = {
  trust: { value: "DIR", help: "trust the plugins in DIR, too (repeatable)" },
  "trust-workspace": { help: "trust the workspace's own .vtcode/plugins and .agents/plugins" },
  "strict-permissions": { help: "refuse plugins, keys and logs that others than you and root may change" },
  "require-signature": {
    value: "KEYFILE",
    help: "refuse plugins not signed by this public key, or another one given so",
  },
  "signature-key": { value: "KEYFILE", help: "verify signatures by this public key where there are any (repeatable)" },
} as const satisfies Options;

export const sandboxOption = {
  sandbox: { value: profiles.join("|"), help: "how plugins are confined (default standard)" },
} as const satisfies Options;

/** How a plugin is tried on the command line: what it is granted, and what it is called with. */
export const trialOptions = {
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
} as const satisfies Options;

export const auditLogOption = {
  value: "FILE",
  help: "append one line of JSON for each load, call, crash and end of a plugin",
} as const;

export const recordOption = {
  value: "DIR",
  help: "keep in DIR what calls that crash or time out were given, for dlrpc replay",
} as const;

export const boundOptions = {
  "max-message-bytes": { value: "N", help: "the largest message and plugin result (default 67108864)" },
  "max-pending": { value: "N", help: "calls that may wait per plugin (default 1024)" },
  "max-handles": { value: "N", help: "plugins that may be loaded at once (default 1024)" },
  "timeout-ms": { value: "N", help: "how long a call may run (default: for ever)" },
  "cancel-grace-ms": { value: "N", help: "how long a call may go on that is to stop (default 500)" },
  "drain-ms": { value: "N", help: "how long calls may go on at the end (default 1500)" },
  concurrency: { value: "N", help: "calls at once of a thread-safe plugin (default: one per core)" },
  "portable-json": { help: "refuse results that not every JSON parser reads" },
  "log-level": { value: logLevels.join("|"), help: "what goes to stderr (default warn)" },
} as const satisfies Options;

export const passwordFile = { value: "FILE|-", help: "the key's password: the first line of a file, or of stdin" };

export const jsonOption = { help: "print JSON, for programs" } as const;

const { "trust-workspace": _, ...trustBesideWorkspace } = trustOptions;
/** Of verbs that say what plugins are. */
export const inspectingOptions = { ...trustBesideWorkspace, json: jsonOption } as const satisfies Options;
