// Where paths lead that people name, for those who tell them what is missing.

import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isWithin } from "../base/paths.ts";

/** @returns undefined where it does not exist, or may not be seen */
export function canonicalOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Where a path leads that need not exist yet. */
export function canonicalPlace(path: string): string {
  const known = canonicalOf(path);
  if (known !== undefined || dirname(path) === path) return known ?? path;
  return join(canonicalPlace(dirname(path)), basename(path));
}

/** @param path canonical @param places what does not exist counts for nothing */
export function liesIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => {
    const canonical = canonicalOf(place);
    return canonical !== undefined && isWithin(path, canonical);
  });
}
