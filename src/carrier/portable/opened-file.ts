// Owns which file an open descriptor is on: a path may lead elsewhere by then.

import { constants, fstatSync, lstatSync } from "node:fs";
import { canonicalPath } from "./canonical-path.ts";

/** For reading, without a link or a FIFO that blocks its reader where the system can leave them out; Windows cannot. */
export const OPEN_WITHOUT_LINK = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** @param path canonical, by which it was opened @returns where the file lies that is open: the path, or `elsewhere` */
export function placeOf(descriptor: number, path: string): string {
  const opened = fstatSync(descriptor, { bigint: true }); // NTFS counts files further than a double does
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  const isSame = there !== undefined && opened.dev === there.dev && opened.ino === there.ino;
  return isSame && canonicalPath(path) === path ? path : "elsewhere";
}
