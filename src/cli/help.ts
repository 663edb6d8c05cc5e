// Owns what --help prints.

import { version } from "../version.ts";
import { type Options, verbOptions } from "./options.ts";

export function helpText(): string {
  return `dlrpc ${version}: runs native plugins for any host, over JSON-RPC on stdin and stdout

usage:
  dlrpc [serve] [options]               serve a host; without a verb when stdin is not a terminal
  dlrpc mcp [options]                   offer plugins as tools to a client of MCP, on stdin and stdout
  dlrpc exec PATH-OR-NAME [options]     run a plugin once and print its result;
                                        status 0, 1 for success:false, 2 for errors
  dlrpc conformance [options] -- COMMAND…
                                        try a server against the transcripts of the protocol;
                                        status 0, 1 where one failed, 2 for errors
  dlrpc keygen --key FILE [options]     make a pair of keys to sign plugins with, as minisign -G
  dlrpc sign DIR --key FILE [options]   list the hashes of a plugin's libraries in plugin.json, and sign that
  dlrpc verify DIR --key KEYFILE        say whether a plugin is as it was signed;
                                        status 0, 1 where it is not, 2 for errors
  dlrpc pack DIR… --mcpb FILE | --agent-plugin DIR [options] [-- OPTIONS-OF-MCP]
                                        make a package of plugins that agents install, with dlrpc in it
  dlrpc build-worker [options]          compile the program that plugins run in, for a system that dlrpc is not
                                        shipped with one for
  dlrpc --help | --version

${optionsOfVerbs()}

The password of a key is asked for on the terminal, unless --password-file or DLRPC_KEY_PASSWORD says it.
Plugins are trusted in ~/.vtcode/plugins and ~/.agents/plugins and where --trust or DLRPC_TRUSTED_DIRS says.
`;
}

function optionsOfVerbs(): string {
  const sections = Object.entries(verbOptions).map(([verb, options]) => `options of ${verb}:\n${describe(options)}`);
  return sections.join("\n\n");
}

function describe(options: Options): string {
  const rows = Object.entries(options).map(([name, { value, help }]) => [`--${name}${value ? ` ${value}` : ""}`, help]);
  const width = Math.max(...rows.map(([left]) => left?.length ?? 0));
  return rows.map(([left, help]) => `  ${left?.padEnd(width)}  ${help}`).join("\n");
}
