// Finding plugins in the trusted directories: all of them, or by name.

import { isUtf8 } from "node:buffer";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { log } from "../observe/log.ts";
import { throwIfExhausted } from "../platform/exhaustion.ts";
import { InspectedPlugin, type InspectOptions } from "./inspected-plugin.ts";
import { type Warning, warning } from "./problem.ts";

const MANIFEST = "plugin.json";
/** More plugins of one name are not told. */
const MOST_NAMED = 3;

/** The direct sub-directories of `directory` that hold a plugin.json, sorted; none where it cannot be read. @throws DlrpcError RESOURCES_EXHAUSTED */
export async function pluginDirectories(directory: string): Promise<string[]> {
  const names = await namesIn(directory);
  return names
    .filter((name) => isUtf8(name))
    .map(String)
    .sort()
    .map((name) => join(directory, name))
    .filter(holdsPlugin);
}

/** Such directories whose names are not UTF-8, as far as they can be told: no JSON can name them. */
export async function unnameableDirectories(directory: string): Promise<string[]> {
  const names = (await namesIn(directory)).filter((name) => !isUtf8(name));
  const manifest = (name: Buffer) => Buffer.concat([Buffer.from(`${directory}/`), name, Buffer.from(`/${MANIFEST}`)]);
  return names
    .filter((name) => existsSync(manifest(name)))
    .map((name) => join(directory, String(name)))
    .sort();
}

async function namesIn(directory: string): Promise<Buffer[]> {
  try {
    return await readdir(directory, { encoding: "buffer" });
  } catch (error) {
    throwIfExhausted(error);
    return [];
  }
}

function holdsPlugin(directory: string): boolean {
  return existsSync(join(directory, MANIFEST));
}

function found(name: string, path: string): string {
  log("debug", `plugin ${name}: found in ${path}`);
  return path;
}

/**
 * The first plugin called `name` in the trusted directories (P4): the directory of that name, else the one whose
 * plugin.json says so. What is not native is none.
 */
export async function findByName(name: string, options: InspectOptions): Promise<string | undefined> {
  for (const directory of options.trust.canonical) {
    const sameName = join(directory, name);
    if (holdsPlugin(sameName) && (await InspectedPlugin.ofManifest(sameName, options)).isNative)
      return found(name, sameName);
    for (const plugin of await pluginDirectories(directory)) {
      const { isNative, name: said } = await InspectedPlugin.ofManifest(plugin, options);
      if (isNative && said === name) return found(name, plugin);
    }
    log("debug", `plugin ${name}: none of that name in ${directory}`);
  }
  return undefined;
}

/** A plugin that was found, and where: the canonical path can have another name. */
export type Found = readonly [place: string, plugin: InspectedPlugin];

/** By each name the plugins that it may mean, canonical, in the order in which `findByName` takes them. */
export class NameIndex {
  private readonly paths = new Map<string, string[]>();

  /** The names in all trusted directories. */
  static async of(options: InspectOptions): Promise<NameIndex> {
    const index = new NameIndex();
    for (const directory of options.trust.canonical) {
      const found: Found[] = [];
      for (const place of await pluginDirectories(directory))
        found.push([place, await InspectedPlugin.ofManifest(place, options)]);
      index.add(found);
    }
    return index;
  }

  /** @param found all of the next trusted directory */
  add(found: readonly Found[]): void {
    const native = found.filter(([, { isNative }]) => isNative);
    for (const [place, { path }] of native) this.put(basename(place), path);
    for (const [, { name, path }] of native) if (name !== undefined) this.put(name, path);
  }

  meantBy(name: string): readonly string[] {
    return this.paths.get(name) ?? [];
  }

  private put(name: string, path: string): void {
    const paths = this.paths.get(name);
    if (paths === undefined) this.paths.set(name, [path]);
    else if (!paths.includes(path)) paths.push(path);
  }
}

/** Where the plugin's name is that of others, too. */
export function sharedName({ name, isNative, path }: InspectedPlugin, names: NameIndex): Warning | undefined {
  const same = name === undefined || !isNative ? [] : names.meantBy(name);
  const others = same.filter((other) => other !== path);
  if (others.length === 0) return undefined;
  const named = others.slice(0, MOST_NAMED).join(", ") + (others.length > MOST_NAMED ? " and others" : "");
  const taken = same[0] === path ? "this plugin" : same[0];
  const message = `name: \`${name}\` stands for ${named} as well; plugin/load takes ${taken} by it`;
  return warning("NAME_NOT_UNIQUE", message, "Load it by its path, or rename one.");
}
