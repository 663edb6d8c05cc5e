import { framings } from "../../rpc/framing/framing.ts";
import { profiles } from "../../sandbox-policy/policy.ts";
import { auditLogOption, boundOptions, recordOption, sandboxOption, trustOptions } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

export const serveVerb = {
  name: "serve",
  operands: "[options]",
  summary: "serves a host: JSON-RPC on stdin and stdout; also without the verb, where stdin is no terminal",
  options: {
    ...trustOptions,
    "audit-log": auditLogOption,
    record: recordOption,
    ...sandboxOption,
    "max-sandbox": {
      value: profiles.join("|"),
      help: "the loosest that a load may ask for; it is granted nothing more",
    },
    "lock-trust": { help: "let initialize add no trusted directories" },
    "allow-workspace": {
      value: "DIR",
      help: "workspaces lie in DIR only (repeatable; needed with --max-sandbox and --lock-trust)",
    },
    framing: { value: framings.join("|"), help: "how messages are framed (default auto)" },
    ...boundOptions,
  },
} as const satisfies Verb;
