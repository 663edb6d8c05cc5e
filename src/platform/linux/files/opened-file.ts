// Owns which file an open descriptor is on: a path may lead elsewhere by then.

import { constants, readlinkSync } from "node:fs";
import { tolerating } from "../../../base/failures.ts";
import { pathIfSame } from "../../both-halves/files/opened-file.ts";
import { pathOf } from "./nameless-file.ts";

/** What the system adds to the name of an open file that has been deleted or replaced (proc(5)). */
const DELETED = " (deleted)";

/** For reading neither a link put there since the path was resolved, nor a FIFO that blocks its reader. */
export const OPEN_WITHOUT_LINK = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** @param canonicalPath by which it was opened @returns where the file lies that is open: the path, or another */
export function placeOf(descriptor: number, canonicalPath: string): string {
  const opened = pathOfOpen(descriptor) ?? pathIfSame(descriptor, canonicalPath);
  return opened === canonicalPath + DELETED ? canonicalPath : opened;
}

/** Where it lies by now; undefined where there is no /proc to say so. */
function pathOfOpen(descriptor: number): string | undefined {
  return tolerating(["ENOENT"], () => readlinkSync(pathOf(descriptor)));
}
