// Owns the file names under which a plugin's library is looked for (A1).

import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { throwIfExhausted } from "../native/exhaustion.ts";
import { resolve } from "./resolve.ts";

/** The candidates in the order in which they are tried; the first that exists is the library. */
export function libraryNames(pluginName: string, platform: NodeJS.Platform = process.platform): string[] {
  const names = [...new Set([pluginName, pluginName.replaceAll("-", "_")])];
  if (platform === "win32") return [...names.map((name) => `${name}.dll`), ...names.map((name) => `lib${name}.dll`)];
  const extension = platform === "darwin" ? "dylib" : "so";
  return [...names.map((name) => `lib${name}.${extension}`), ...names.map((name) => `${name}.${extension}`)];
}

/**
 * Where a plugin's library is; undefined where there is none.
 * @param pluginName where that is not known, the directory's counts, and then the one library that is there
 */
export function findLibrary(directory: string, pluginName: string | undefined): string | undefined {
  const isThere = (name: string) => !("code" in resolve(join(directory, name)));
  const named = libraryNames(pluginName ?? basename(directory)).find(isThere);
  if (named !== undefined) return join(directory, named);
  if (pluginName !== undefined) return undefined;
  const [library, ...others] = namesIn(directory).filter((name) => isLibraryName(name));
  return library === undefined || others.length > 0 ? undefined : join(directory, library);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    throwIfExhausted(error);
    return []; // it may not be listed
  }
}

/** Whether a file is called as this system's linkers call libraries: `x.so`, `x.so.1.2`, `x.dylib`, `x.dll`. */
export function isLibraryName(name: string, platform: NodeJS.Platform = process.platform): boolean {
  if (platform === "win32") return /\.dll$/i.test(name);
  return (platform === "darwin" ? /\.dylib$/ : /\.so(\.[0-9]+)*$/).test(name);
}
