// Making the path of a plugin's file canonical (T2).

import { statSync } from "node:fs";
import { canonicalPath } from "#platform/files/canonical-path";

export type Resolved = { canonical: string; isDirectory: boolean } | { code: string };

/** Follows every link and `..` (T2), or says by the system's error code why there is nothing. */
export function resolve(path: string): Resolved {
  try {
    const canonical = canonicalPath(path);
    return { canonical, isDirectory: statSync(canonical).isDirectory() };
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

/** Whether there is nothing under that name; what cannot be reached may be there. */
export function isMissing(path: string): boolean {
  const found = resolve(path);
  return "code" in found && found.code === "ENOENT";
}
