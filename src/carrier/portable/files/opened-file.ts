// Owns which file an open descriptor is on: a path may lead elsewhere by then.

import { constants, fstatSync, lstatSync, realpathSync } from "node:fs";

/** For reading neither a link put there since the path was resolved, nor a FIFO that blocks its reader; Windows has neither flag. */
export const OPEN_WITHOUT_LINK = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** @param canonicalPath by which it was opened @returns the path where the file that is open lies there, or another */
export function placeOf(descriptor: number, canonicalPath: string): string {
  const opened = fstatSync(descriptor, { bigint: true });
  const there = lstatSync(canonicalPath, { bigint: true, throwIfNoEntry: false });
  const isSame = opened.dev === there?.dev && opened.ino === there.ino && realpathSync(canonicalPath) === canonicalPath;
  return isSame ? canonicalPath : "elsewhere";
}
