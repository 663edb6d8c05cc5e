// `dlrpc validate`: plugin/validate, of several plugins at once.

import type { InspectedPlugin } from "../../plugins/inspected-plugin.ts";
import { inspectAnywhere, validation } from "../../plugins/inspection.ts";
import { type PlatformLibrary, platformLibraries } from "../../plugins/libraries/foreign-libraries.ts";
import { pathOfPlugin, sessionOf } from "../calling/trial/find-plugin.ts";
import { parseOptions, UsageError } from "../options.ts";
import { print, printJson } from "../text/output.ts";
import { problemLines, verdict } from "../text/problem-lines.ts";
import { type Cell, table, terminalWidth } from "../text/table.ts";
import { oneLine } from "../text/terminal.ts";
import { validateVerb } from "./verbs.ts";

const NOT_VALID = 1;

interface Validated {
  readonly plugin: string;
  readonly inspected: InspectedPlugin;
  readonly libraries: readonly PlatformLibrary[];
}

/** @returns the exit status: 1 where a plugin would not load @throws UsageError, CommandError, DlrpcError */
export async function runValidate(args: readonly string[]): Promise<number> {
  const options = parseOptions(validateVerb, args);
  const { positionals: plugins } = options;
  if (plugins.length === 0 || plugins.includes("")) {
    throw new UsageError("validate needs the directory or the name of a plugin, or of several");
  }
  const session = sessionOf(options, undefined);
  const found: Validated[] = [];
  for (const plugin of plugins) {
    const inspected = await inspectAnywhere(await pathOfPlugin(plugin, session), session.inspectOptions);
    found.push({ plugin, inspected, libraries: await librariesOf(inspected) });
  }
  if (options.has("json")) printJson({ plugins: found.map(document) });
  else print(text(found));
  return found.every(({ inspected }) => inspected.isValid) ? 0 : NOT_VALID;
}

/** What there is for whatever platforms; nothing where the plugin could not be looked at. */
export async function librariesOf({ path, name, isNative }: InspectedPlugin): Promise<readonly PlatformLibrary[]> {
  return name === undefined || !isNative ? [] : platformLibraries(path, name);
}

/** In words, such as `linux-x64, win32-x64`. */
export function platformsOf(libraries: readonly PlatformLibrary[]): string {
  return [...new Set(libraries.flatMap(({ platforms }) => platforms))].sort().join(", ") || "none";
}

function document({ inspected, libraries }: Validated) {
  const { path, name = null } = inspected;
  return { path, name, ...validation(inspected), libraries };
}

function text(found: readonly Validated[]): string {
  const heading = ["PLUGIN", "VERSION", "STATE", "PLATFORMS"].map((text): Cell => ({ text, style: "bold" }));
  const rows = found.map(({ plugin, inspected, libraries }): Cell[] => [
    { text: inspected.name ?? plugin },
    { text: inspected.manifest?.version ?? "?" },
    verdict(inspected.problems),
    { text: platformsOf(libraries) },
  ]);
  return table([heading, ...rows], terminalWidth()) + found.map(details).join("");
}

function details({ inspected: { path, problems }, libraries }: Validated): string {
  const misfits = libraries.flatMap(({ path, problem }) =>
    problem === undefined ? [] : [`  note: ${oneLine(`${path}: ${problem}`)}\n`],
  );
  if (problems.length === 0 && misfits.length === 0) return "";
  return `\n${oneLine(path)}\n${problemLines(problems)}${misfits.join("")}`;
}
