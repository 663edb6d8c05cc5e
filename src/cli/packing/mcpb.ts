// The form of an MCP Bundle (github.com/modelcontextprotocol/mcpb, MANIFEST.md, 0.3).

import { systemOf } from "../../plugins/libraries/platform-directory.ts";
import { UsageError } from "../options.ts";
import { type BundledFile, jsonFile } from "./file.ts";
import type { Identity } from "./identity.ts";
import { type BundledPlugin, PLUGINS } from "./plugins.ts";
import { COMMAND, type Programs } from "./programs.ts";

/**
 * The bundle's manifest.
 * @param more options of `dlrpc mcp` @throws UsageError where the format needs what nobody has said
 */
export function mcpbManifest(
  identity: Identity,
  plugins: readonly BundledPlugin[],
  programs: Programs,
  more: readonly string[],
): BundledFile {
  const { name, version, description, author } = identity;
  if (author === undefined) throw new UsageError("an MCP Bundle names an author: give one with --author");
  const command = `\${__dirname}/${COMMAND}`;
  const systems = [...new Set([...programs.keys()].map(systemOf))];
  return jsonFile("manifest.json", {
    manifest_version: "0.3",
    name,
    version,
    description,
    author: { name: author },
    server: {
      type: "binary",
      entry_point: systems.every((system) => system === "win32") ? `${COMMAND}.exe` : COMMAND,
      mcp_config: {
        command,
        args: ["mcp", "--trust", `\${__dirname}/${PLUGINS}`, ...more],
        ...(systems.includes("win32") && { platform_overrides: { win32: { command: `${command}.exe` } } }),
      },
    },
    tools: plugins.map(({ name, description }) => ({ name, description })),
    compatibility: { platforms: systems },
  });
}
