// The command that builds a plugin of the templates: as people type it, and as `dlrpc dev` runs it.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { system } from "#platform/program/system";

/** As make(1) looks for them. */
const makefiles = ["GNUmakefile", "makefile", "Makefile"];
/** What a template has in the place of a Makefile where there is no make. */
const script = "build.cmd";

export type System = typeof system;

/** What is typed in a plugin's directory, in every shell of the system: PowerShell runs nothing of a directory without `.\`. */
export const typedBuild = (on: System = system): string => (on === "windows" ? ".\\build" : "make");

/** How a file is named whose contents are an option's value: PowerShell has another meaning for a bare `@`. */
export const typedFile = (name: string, on: System = system): string => (on === "windows" ? `"@${name}"` : `@${name}`);

/** What may build a plugin. */
export const buildFiles = (on: System = system): string => (on === "windows" ? `${script} or Makefile` : "Makefile");

/** @returns undefined where the directory holds nothing that says how it is built */
export function buildCommand(directory: string, on: System = system): readonly string[] | undefined {
  const holds = (file: string) => existsSync(join(directory, file));
  if (on === "windows" && holds(script)) return ["cmd.exe", "/d", "/c", script];
  return makefiles.some(holds) ? ["make"] : undefined;
}
