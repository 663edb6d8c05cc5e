// Whether a path still leads to the file that was opened by it.

import { fstatSync, lstatSync, realpathSync } from "node:fs";

/** @param canonicalPath by which it was opened @returns the path where the file that is open lies there, or another */
export function pathIfSame(descriptor: number, canonicalPath: string): string {
  const opened = fstatSync(descriptor, { bigint: true });
  const there = lstatSync(canonicalPath, { bigint: true, throwIfNoEntry: false });
  const isSame = opened.dev === there?.dev && opened.ino === there.ino && realpathSync(canonicalPath) === canonicalPath;
  return isSame ? canonicalPath : "elsewhere";
}
