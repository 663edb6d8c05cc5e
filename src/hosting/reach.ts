// Owns which paths a confinement lets a plugin reach, for those who tell people what is missing: the kernel decides by its
// own rules.

import { realpathSync } from "node:fs";
import { fileAccess } from "../confinement/files.ts";
import type { Confinement } from "../confinement/policy.ts";
import { isWithin } from "../plugins/trust.ts";

/** @param path canonical */
export function mayRead(confinement: Confinement, path: string): boolean {
  if (confinement.profile !== "strict") return true;
  return (
    mayWrite(confinement, path) ||
    isIn(path, [...own(confinement).read, ...own(confinement).machine, ...pathsOf(confinement.read)])
  );
}

/** @param path canonical */
export function mayWrite(confinement: Confinement, path: string): boolean {
  if (confinement.profile === "none") return true;
  return isIn(path, [...own(confinement).write, ...pathsOf(confinement.write)]);
}

const own = (confinement: Confinement) =>
  fileAccess(confinement, { temporary: undefined, libraries: undefined, certificates: [] });
const pathsOf = (grants: Confinement["read"]) => grants.map(({ path }) => path);

/** @param places what does not exist counts for nothing */
function isIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => {
    const canonical = canonicalOf(place);
    return canonical !== undefined && isWithin(path, canonical);
  });
}

/** @returns undefined where it does not exist, or may not be seen */
export function canonicalOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
