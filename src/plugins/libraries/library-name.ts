// The file names under which a plugin's library is looked for (A1).

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { resolve } from "../trust/resolve.ts";
import {
  namesIn,
  ownPlatform,
  ownSystem,
  platformDirectory,
  platformsIn,
  systemOf,
  systems,
} from "./platform-directory.ts";

/** The candidates in the order in which they are tried; the first that exists is the library. */
export function libraryNames(pluginName: string, platform: NodeJS.Platform = ownSystem): string[] {
  const names = [...new Set([pluginName, pluginName.replaceAll("-", "_")])];
  if (platform === "win32") return [...names.map((name) => `${name}.dll`), ...names.map((name) => `lib${name}.dll`)];
  const extension = platform === "darwin" ? "dylib" : "so";
  return [...names.map((name) => `lib${name}.${extension}`), ...names.map((name) => `${name}.${extension}`)];
}

/** The directories in which a plugin's library is looked for, in their order (A13). */
export function libraryPlaces(directory: string): string[] {
  return [join(directory, platformDirectory(ownPlatform)), directory];
}

/**
 * Where a plugin's library is; undefined where there is none.
 * @param pluginName where that is not known, the directory's counts, and then the one library that is there
 */
export function findLibrary(directory: string, pluginName: string | undefined): string | undefined {
  for (const place of libraryPlaces(directory)) {
    if (!existsSync(place)) continue; // most plugins have none for platforms, and each name looked for takes time
    const named = findIn(place, libraryNames(pluginName ?? basename(directory)));
    const name = named ?? (pluginName === undefined ? onlyLibraryIn(place) : undefined);
    if (name !== undefined) return join(place, name);
  }
  return undefined;
}

export interface PlacedLibrary {
  /** The platform that it is for, or, at the top of the plugin's directory, the system. */
  readonly target: string;
  readonly path: string;
}

/** The libraries of its name that a plugin has, for whatever platforms. */
export function librariesOf(directory: string, pluginName: string): PlacedLibrary[] {
  const find = (target: string, place: string, system: NodeJS.Platform): PlacedLibrary[] => {
    const name = findIn(place, libraryNames(pluginName, system));
    return name === undefined ? [] : [{ target, path: join(place, name) }];
  };
  return [
    ...platformsIn(directory).flatMap((platform) =>
      find(platform, join(directory, platformDirectory(platform)), systemOf(platform)),
    ),
    ...systems.flatMap((system) => find(system, directory, system)),
  ];
}

/** Whether there is a library of its name, were it for other platforms. */
export function hasLibrary(directory: string, pluginName: string | undefined): boolean {
  if (findLibrary(directory, pluginName) !== undefined) return true;
  return pluginName !== undefined && librariesOf(directory, pluginName).length > 0;
}

function findIn(place: string, names: readonly string[]): string | undefined {
  return names.find((name) => !("code" in resolve(join(place, name))));
}

function onlyLibraryIn(place: string): string | undefined {
  const [library, ...others] = namesIn(place).filter((name) => isLibraryName(name));
  return others.length > 0 ? undefined : library;
}

/** Whether a file is called as this system's linkers call libraries: `x.so`, `x.so.1.2`, `x.dylib`, `x.dll`. */
export function isLibraryName(name: string, platform: NodeJS.Platform = ownSystem): boolean {
  if (platform === "win32") return /\.dll$/i.test(name);
  return (platform === "darwin" ? /\.dylib$/ : /\.so(\.[0-9]+)*$/).test(name);
}
