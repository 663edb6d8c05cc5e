// Owns what can be set when `dlrpc mcp` is started, beside what holds for `dlrpc serve` as well.

import type { Settings } from "../server/settings.ts";
import type { Grants } from "./grants.ts";

export interface McpSettings {
  readonly settings: Settings;
  /** The workspace root of all calls; plugins may write to it. */
  readonly workspace: string | undefined;
  /** What stands before the plugins' names in those of the tools. */
  readonly prefix: string;
  /** The plugins that become tools; all where it is empty. */
  readonly only: readonly string[];
  readonly grants: Grants;
  /** How long a plugin without calls stays loaded, in milliseconds; undefined: for ever. */
  readonly idleUnloadMs: number | undefined;
}
