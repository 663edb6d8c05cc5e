// Where the system's loader looks for a library that a plugin needs: it says no more than that it found none.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LibraryImage } from "../formats/index.ts";
import { readNeededName } from "./needed-name.ts";

const LOADER_CACHE = "/etc/ld.so.cache";

/**
 * Where glibc's loader finds a library (ld.so(8)).
 * @param name as DT_NEEDED has it
 * @param searched the directories that the needing library names
 * @returns the first that exists, whether it can be read or not; those of the directories that hold for all are not looked at
 */
export function findNeeded(name: string, searched: readonly string[]): string | undefined {
  const isThere = (path: string) => existsSync(path);
  if (name.startsWith("/")) return isThere(name) ? name : undefined;
  return searched.map((place) => join(place, name)).find(isThere) ?? cached(name).find(isThere); // the cache is long
}

/** Where loaders look for what no list names, of the systems that dlrpc has workers for. */
const DEFAULT_DIRECTORIES = ["/lib64", "/usr/lib64", "/lib", "/usr/lib"].concat(
  ["x86_64", "aarch64"].flatMap((machine) => [`/lib/${machine}-linux-gnu`, `/usr/lib/${machine}-linux-gnu`]),
);

/**
 * Whether the loader finds nothing under that name, as far as one can know without it.
 * @param path of the library that needs it
 * @param searched as of `findNeeded`, and the directories beside the needing library
 */
export function isNowhere(path: string, image: LibraryImage, name: string, searched: readonly string[]): boolean {
  if (image.format === "ELF") return isNowhereOnLinux(name, searched);
  const { listed, beside, absolute } = readNeededName(image, name);
  if (beside !== undefined) return !existsSync(join(dirname(path), beside));
  if (absolute !== undefined) return !APPLE_OWN.test(absolute) && !existsSync(absolute);
  if (listed === undefined || (image.format === "PE" && API_SET.test(listed))) return false;
  const directories = image.format === "PE" ? [...searched, systemDirectory()] : searched;
  return directories.every((directory) => !existsSync(join(directory, listed)));
}

/** Since macOS 11 the system's libraries are no files: dyld has all of them in one cache. */
const APPLE_OWN = /^\/(usr\/lib|System\/Library)\//;
/** Windows' API sets: names for parts of the system, and no files. */
const API_SET = /^(api|ext)-ms-/i;

/** The one directory of the system's that a worker looks in (SetDefaultDllDirectories). */
function systemDirectory(): string {
  return join(process.env.SystemRoot ?? "C:\\Windows", "System32");
}

/** As glibc's loader looks (ld.so(8)). */
function isNowhereOnLinux(name: string, searched: readonly string[]): boolean {
  if (!existsSync(LOADER_CACHE)) return false; // a system that has its libraries elsewhere
  return findNeeded(name, [...searched, ...DEFAULT_DIRECTORIES]) === undefined;
}

/** What ldconfig(8) has found under that name: the cache's strings end with a NUL each. */
function cached(name: string): string[] {
  try {
    const strings = readFileSync(LOADER_CACHE, "latin1").split("\0");
    return strings.filter((path) => path.endsWith(`/${name}`));
  } catch {
    return []; // no system needs to have one
  }
}
