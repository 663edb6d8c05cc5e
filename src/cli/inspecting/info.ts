// `dlrpc info`: what is known of one plugin without running it.

import type { Permissions } from "../../../protocol/messages.ts";
import type { InspectedPlugin, PluginFiles } from "../../plugins/inspected-plugin.ts";
import { inspectAnywhere, validation } from "../../plugins/inspection.ts";
import type { PlatformLibrary } from "../../plugins/libraries/foreign-libraries.ts";
import { hexadecimal } from "../../plugins/manifest/file-hashes.ts";
import { pathOfPlugin, sessionOf } from "../calling/trial/find-plugin.ts";
import { onlyOperand, parseOptions } from "../options.ts";
import { print, printJson } from "../text/output.ts";
import { problemLines, verdict } from "../text/problem-lines.ts";
import { type Cell, table } from "../text/table.ts";
import { librariesOf, platformsOf } from "./validate.ts";
import { infoVerb } from "./verbs.ts";

const NOT_VALID = 1;

/** @returns the exit status: 1 where the plugin would not load @throws UsageError, CommandError, DlrpcError */
export async function runInfo(args: readonly string[]): Promise<number> {
  const options = parseOptions(infoVerb, args);
  const plugin = onlyOperand(options, "info needs the directory or the name of a plugin", "info is about one plugin");
  const session = sessionOf(options, undefined);
  const inspected = await inspectAnywhere(await pathOfPlugin(plugin, session), session.inspectOptions);
  const libraries = await librariesOf(inspected);
  const files = inspected.isValid ? inspected.requireLoadable().files : undefined;
  if (options.has("json")) printJson(document(inspected, libraries, files));
  else print(text(inspected, libraries, files));
  return inspected.isValid ? 0 : NOT_VALID;
}

function document(inspected: InspectedPlugin, libraries: readonly PlatformLibrary[], files: PluginFiles | undefined) {
  const { path, libraryPath = null, manifest, tool } = inspected;
  const { signature = null, integrity = null } = files ?? {};
  const { title, inputSchema, outputSchema, annotations } = tool;
  return {
    path,
    library: libraryPath,
    integrity,
    metadata: manifest?.raw ?? null,
    tool: { title, inputSchema, outputSchema, annotations },
    signature,
    libraries,
    ...validation(inspected),
  };
}

function text(
  inspected: InspectedPlugin,
  libraries: readonly PlatformLibrary[],
  files: PluginFiles | undefined,
): string {
  const { path, name, manifest, permissions, problems, tool } = inspected;
  const { author, when_to_use: whenToUse } = (manifest?.raw.parse() ?? {}) as Readonly<Record<string, unknown>>;
  const rows: [name: string, value: Cell | string | undefined][] = [
    ["name", name],
    ["version", manifest?.version],
    ["description", manifest?.description],
    ["author", typeof author === "string" ? author : undefined],
    ["when to use", typeof whenToUse === "string" ? whenToUse : undefined],
    ["state", verdict(problems)],
    ["directory", path],
    ["library", inspected.libraryPath],
    ["sha256", files === undefined ? undefined : hexadecimal(files)],
    ["C library", files?.cLibrary],
    ["platforms", platformsOf(libraries)],
    ["asks for", asked(permissions)],
    ["input", tool.inputSchema?.toString().replaceAll(/\s*[\r\n]\s*/g, " ")],
    ["signed", files?.signature == null ? undefined : `${files.signature.keyId}: ${files.signature.comment}`],
  ];
  const cells = rows.flatMap(([title, value]): Cell[][] => {
    if (value === undefined) return [];
    return [[{ text: title, style: "bold" }, typeof value === "string" ? { text: value } : value]];
  });
  return table(cells) + (problems.length === 0 ? "" : `\n${problemLines(problems)}`);
}

/** What it says that it needs, which nobody has granted. */
function asked(permissions: Permissions | null): string | undefined {
  return permissions === null ? undefined : JSON.stringify(permissions);
}
