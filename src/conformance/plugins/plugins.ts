// The plugins that transcripts load, as they lie in a directory: each in one of its name, with its library.

import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { libraryNames } from "../../plugins/libraries/library-name.ts";
import { recipes } from "../transcript/assets.ts";
import type { System } from "../transcript/format.ts";

/** Why there are no plugins to load, and what to do about it. */
export class NoPlugins extends Error {}

/** A library's file name (A1). @param system by default this one */
export function libraryName(name: string, system?: System): string {
  return libraryNames(name, system)[0] as string;
}

/** The library of a plugin in a directory of plugins. @param system by default this one */
export function libraryOf(directory: string, name: string, system?: System): string {
  return join(directory, name, libraryName(name, system));
}

/** The plugins that a text mentions. */
export function mentionedIn(text: string): string[] {
  return Object.keys(recipes).filter((name) => text.includes(`\${PLUGINS}/${name}"`) || text.includes(`"${name}"`));
}

/** Makes a plugin's directory and plugin.json, which nobody else may write to, whatever the umask. @throws NoPlugins */
export async function makePlugin(directory: string, name: string): Promise<void> {
  const own = join(directory, name);
  const path = join(own, "plugin.json");
  const manifest = { name, description: "Of the conformance suite", version: "1.0.0", abi_version: 1 };
  try {
    await mkdir(own, { recursive: true });
    for (const each of [directory, own]) await chmod(each, 0o755);
    await writeFile(path, JSON.stringify(manifest));
    await chmod(path, 0o644);
  } catch (error) {
    throw new NoPlugins(`no plugins can be put into \`${directory}\`: ${(error as Error).message}`);
  }
}

/** Copies plugins that were built for this system (buildPlugins) into another directory. @throws NoPlugins */
export async function copyPlugins(from: string, to: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await makePlugin(to, name);
    const library = libraryOf(to, name);
    try {
      await copyFile(libraryOf(from, name), library);
    } catch (error) {
      const remedy = "Build them: `dlrpc conformance --build-plugins DIR`, on a machine with a C compiler.";
      throw new NoPlugins(
        `\`${from}\` has no plugin \`${name}\` for this system: ${(error as Error).message}. ${remedy}`,
      );
    }
    await chmod(library, 0o755);
  }
}
