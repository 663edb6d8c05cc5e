// Owns comparing paths part by part.

import { sep } from "node:path";

/** Whether `path` is `directory` or lies in it; both canonical, so that a name with the same beginning does not count. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}

/** A relative path as all systems' manifests, archives and transcripts write it: with `/` between its parts. */
export function slashed(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}
