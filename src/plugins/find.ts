// Owns finding plugins in the trusted directories: all of them, or one by its name.

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { throwIfExhausted } from "../native/exhaustion.ts";
import { log } from "../observe/log.ts";
import { Examination, type ExamineOptions } from "./examine.ts";

/** The direct sub-directories of `directory` that hold a plugin.json, sorted; none where it cannot be read. @throws DlrpcError RESOURCES_EXHAUSTED */
export async function pluginDirectories(directory: string): Promise<string[]> {
  const names = await namesIn(directory);
  return names
    .sort()
    .map((name) => join(directory, name))
    .filter(holdsPlugin);
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    throwIfExhausted(error);
    return [];
  }
}

function holdsPlugin(directory: string): boolean {
  return existsSync(join(directory, "plugin.json"));
}

function found(name: string, path: string): string {
  log("debug", `plugin ${name}: found in ${path}`);
  return path;
}

/**
 * The first plugin called `name` in the trusted directories: the directory of that name, else the one whose
 * plugin.json says so.
 */
export async function findByName(name: string, options: ExamineOptions): Promise<string | undefined> {
  for (const directory of options.trust.canonical) {
    const sameName = join(directory, name);
    if (holdsPlugin(sameName)) return found(name, sameName);
    for (const plugin of await pluginDirectories(directory)) {
      if ((await Examination.of(plugin, options)).name === name) return found(name, plugin);
    }
    log("debug", `plugin ${name}: none of that name in ${directory}`);
  }
  return undefined;
}
