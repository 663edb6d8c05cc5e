// What hosts of MCP are told to have them start dlrpc (`--print-config HOST`), as their manuals say in November 2026.

import { homedir } from "node:os";
import { join } from "node:path";
import { absolute } from "../../base/absolute-path.ts";
import { ownCommand } from "../../platform/program-parts.ts";
import { userPlaces } from "../../platform/user-places.ts";
import { type ParsedOptions, wordsOf } from "../options.ts";
import { print, printError } from "../text/output.ts";
import type { Options } from "../verb.ts";
import type { ConfigHost } from "./mcp-verb.ts";

/** The name under which dlrpc stands in a host's configuration. */
const NAME = "plugins";
/** What options take that is a path, as help shows it. */
const PATHS = ["DIR", "FILE", "KEYFILE", "PATH"];

/** How a host starts a server. */
interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

interface HostConfig {
  /** The entry, with what it stands in, in the host's own form. */
  readonly entry: (command: Command) => string;
  /** Where it belongs, in words. */
  readonly place: () => string;
}

const hosts: Readonly<Record<ConfigHost, HostConfig>> = {
  claude: {
    entry: inJson("mcpServers"),
    place: () =>
      `${join(userPlaces().settings, "Claude", "claude_desktop_config.json")} for Claude Desktop; ${inHome(".claude.json")}, or .mcp.json in a project, for Claude Code`,
  },
  vscode: {
    entry: inJson("servers", { type: "stdio" }),
    place: () => `${join(userPlaces().settings, "Code", "User", "mcp.json")}, or .vscode/mcp.json in a workspace`,
  },
  cursor: {
    entry: inJson("mcpServers"),
    place: () => `${inHome(".cursor", "mcp.json")}, or .cursor/mcp.json in a project`,
  },
  zed: {
    entry: inJson("context_servers"),
    place: () => `${join(userPlaces().unixSettings, "zed", "settings.json")}, or .zed/settings.json in a project`,
  },
  codex: { entry: inToml, place: () => inHome(".codex", "config.toml") },
  gemini: {
    entry: inJson("mcpServers"),
    place: () => `${inHome(".gemini", "settings.json")}, or .gemini/settings.json in a project`,
  },
};

/**
 * Prints the entry for a host's configuration on stdout, and where it belongs on stderr.
 * @returns the exit status @throws DlrpcError INVALID_PARAMS for a relative path where the working directory is gone
 */
export function printConfig(host: ConfigHost, options: ParsedOptions, known: Options): number {
  const { entry, place } = configFor(host, options, known);
  print(`${entry}\n`);
  printError(Buffer.from(`This belongs in ${place}.\n`));
  return 0;
}

/**
 * @param options of the verb `mcp`, with which the host is to start dlrpc
 * @param known what options that verb has
 * @returns the entry, and the place where it belongs
 */
export function configFor(
  host: ConfigHost,
  options: ParsedOptions,
  known: Options,
): { readonly entry: string; readonly place: string } {
  const { entry, place } = hosts[host];
  const [command, ...first] = ownCommand();
  const { "print-config": _, ...others } = known;
  // Absolute paths: nobody knows where a host starts servers.
  const args = [...first, "mcp", ...wordsOf(options, others, absoluteValue)];
  return { entry: entry({ command, args }), place: place() };
}

/** @param kind what help shows that the option takes */
function absoluteValue(kind: string, value: string): string {
  if (PATHS.includes(kind)) return absolute(value);
  const [, grant, path] = /^([^:]*:(?:read|write)=)(.+)$/s.exec(kind === "NAME:WHAT" ? value : "") ?? [];
  return grant === undefined || path === undefined ? value : grant + absolute(path);
}

function inJson(member: string, more: object = {}): (command: Command) => string {
  return ({ command, args }) => JSON.stringify({ [member]: { [NAME]: { ...more, command, args } } }, null, 2);
}

function inToml({ command, args }: Command): string {
  // A string of JSON is one of TOML, but for DEL, which TOML wants escaped.
  const text = (value: string) => JSON.stringify(value).replaceAll("\x7f", "\\u007f");
  return `[mcp_servers.${NAME}]\ncommand = ${text(command)}\nargs = [${args.map(text).join(", ")}]`;
}

function inHome(...parts: readonly string[]): string {
  return join(homedir(), ...parts);
}
