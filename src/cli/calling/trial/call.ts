// What the options of a command line say about a call: its context, and how long it may take.

import { statSync } from "node:fs";
import { absolute } from "../../../base/absolute-path.ts";
import { messageOf } from "../../../base/failures.ts";
import { type Context, composeContext } from "../../../calls/context.ts";
import { type ParsedOptions, UsageError } from "../../options.ts";
import { objectOption } from "./json-operand.ts";

/** What a plugin is called with. @throws UsageError */
export function contextOf(options: ParsedOptions): Context {
  return composeContext(objectOption(options, "input"), workspaceOf(options) ?? null, objectOption(options, "config"));
}

/** @returns absolute @throws UsageError where it is no directory, or one is to be trusted and none is named */
export function workspaceOf(options: ParsedOptions): string | undefined {
  const workspace = options.value("workspace");
  if (workspace !== undefined) return directoryOf(absolute(workspace));
  if (options.has("trust-workspace")) throw new UsageError("--trust-workspace needs --workspace DIR");
  return undefined;
}

/** @throws UsageError */
function directoryOf(workspace: string): string {
  const wrong = whyNoDirectory(workspace);
  if (wrong === undefined) return workspace;
  throw new UsageError(`--workspace: ${workspace} ${wrong}; give a directory that is there`);
}

function whyNoDirectory(path: string): string | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return "is not there";
    return found.isDirectory() ? undefined : "is no directory";
  } catch (error) {
    return `cannot be looked at (${messageOf(error)})`;
  }
}
