// Owns the options that several verbs take.

import { profiles } from "../../confinement/policy.ts";
import { logLevels } from "../../observe/log.ts";
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

export const auditLogOption = {
  value: "FILE",
  help: "append one line of JSON for each load, call, crash and end of a plugin",
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
