// `dlrpc list`: the plugins that plugin/discover finds.

import { basename } from "node:path";
import type { DiscoveredPlugin } from "../../../protocol/messages.ts";
import { discoverPlugins } from "../../plugins/inspection.ts";
import { sessionOf } from "../calling/trial/find-plugin.ts";
import { parseOptions } from "../options.ts";
import { print, printError, printJson } from "../text/output.ts";
import { verdict } from "../text/problem-lines.ts";
import { type Cell, table, terminalWidth } from "../text/table.ts";
import { listVerb } from "./verbs.ts";

/** @returns the exit status @throws UsageError, CommandError */
export async function runList(args: readonly string[]): Promise<number> {
  const options = parseOptions(listVerb, args);
  const { inspectOptions, trust } = sessionOf(options, undefined);
  const plugins = await discoverPlugins(undefined, inspectOptions);
  if (options.has("json")) printJson({ plugins });
  else if (plugins.length > 0) print(table([heading, ...plugins.map(row)], terminalWidth()));
  else printError(Buffer.from(`dlrpc: there are no plugins in ${trust.all.join(", ") || "any trusted directory"}\n`));
  return 0;
}

const heading: readonly Cell[] = ["NAME", "VERSION", "STATE", "DIRECTORY"].map((text) => ({ text, style: "bold" }));

function row({ metadata, path, problems }: DiscoveredPlugin): Cell[] {
  const { name = basename(path), version = "?" } = (metadata?.parse() ?? {}) as { name?: string; version?: string };
  return [{ text: name }, { text: version }, verdict(problems), { text: path }];
}
