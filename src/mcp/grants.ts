// Owns what each plugin is granted: nobody but who starts dlrpc can grant anything over MCP.

import type { Sandbox } from "../../protocol/messages.ts";
import type { Metadata } from "../plugins/manifest/metadata.ts";
import { withRequested } from "../server/loading/requested-grants.ts";

/** By the plugins' names. */
export interface Grants {
  readonly given: ReadonlyMap<string, Sandbox>;
  /** Those that get what their plugin.json asks for as well. */
  readonly requested: ReadonlySet<string>;
}

export function sandboxOf({ name, permissions }: Metadata, { given, requested }: Grants): Sandbox {
  const sandbox = given.get(name) ?? {};
  return requested.has(name) ? withRequested(sandbox, permissions) : sandbox;
}
