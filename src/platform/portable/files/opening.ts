// Owns opening what is granted.

import { openSync, realpathSync } from "node:fs";

/** Links are followed. @throws as node:fs */
export function openToName(path: string): number {
  return openSync(path, "r");
}

/** Opens a file or directory by its absolute path; no part may be a link. @throws Error naming what is wrong, such as ELOOP */
export function openWithoutLinks(path: string): number {
  if (realpathSync(path) !== path) throw new Error(`open of ${path}: ELOOP`);
  return openSync(path, "r");
}
