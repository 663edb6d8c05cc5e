// Owns finding plugins in the trusted directories: all of them, or one by its name.

import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { Examination, type ExamineOptions } from "./examine.ts";

/** The direct sub-directories of `directory` that hold a plugin.json, sorted; none where it cannot be read. */
export async function pluginDirectories(directory: string): Promise<string[]> {
  const plugins: string[] = [];
  for (const name of (await entries(directory)).sort()) {
    const path = join(directory, name);
    if ((await entries(path)).includes("plugin.json")) plugins.push(path);
  }
  return plugins;
}

/** The names in a directory; none where it is no directory, or not ours to read. */
function entries(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

/**
 * The first plugin called `name` in the trusted directories: the directory of that name, else the one whose
 * plugin.json says so.
 */
export async function findByName(name: string, options: ExamineOptions): Promise<string | undefined> {
  for (const directory of options.trust.canonical) {
    const plugins = await pluginDirectories(directory);
    const sameName = plugins.find((plugin) => basename(plugin) === name);
    if (sameName !== undefined) return sameName;
    for (const plugin of plugins) {
      if ((await Examination.of(plugin, options)).name === name) return plugin;
    }
  }
  return undefined;
}
