// The form of an Agent Plugin (agent-plugins.org, 1.0.0).

import { UsageError } from "../options.ts";
import { type BundledFile, jsonFile } from "./file.ts";
import type { Identity } from "./identity.ts";
import { PLUGINS } from "./plugins.ts";
import { COMMAND } from "./programs.ts";

const SCHEMAS = "https://agent-plugins.org/schemas/1.0.0";
/** Section 5.5: letters are small, and neither hyphens nor periods follow each other, or stand at an end. */
const NAME = /^(?=.{1,64}$)[a-z0-9]+([-.][a-z0-9]+)*$/;

/**
 * Its manifest, and its one MCP server.
 * @param more options of `dlrpc mcp` @throws UsageError for a name that the format does not take
 */
export function agentPluginManifests(
  { name, version, description, author }: Identity,
  more: readonly string[],
): BundledFile[] {
  if (!NAME.test(name)) {
    throw new UsageError(
      `an Agent Plugin is called by 1 to 64 of a-z, 0-9 and single - and . between them, not \`${name}\`: give --name`,
    );
  }
  const server = {
    type: "stdio",
    command: `./${COMMAND}`,
    args: ["mcp", "--trust", `\${PLUGIN_ROOT}/${PLUGINS}`, ...more],
  };
  return [
    jsonFile("plugin.json", {
      $schema: `${SCHEMAS}/plugin.schema.json`,
      name,
      version,
      description,
      ...(author !== undefined && { author: { name: author } }),
    }),
    jsonFile("mcp.json", { $schema: `${SCHEMAS}/mcp.schema.json`, mcpServers: { [name]: server } }),
  ];
}
