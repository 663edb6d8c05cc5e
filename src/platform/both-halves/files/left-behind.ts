// Directories that plugins have filled, where removing them takes no work, or cannot be done.

import { rmdirSync } from "node:fs";
import { messageOf } from "../../../base/failures.ts";
import { log } from "../../../observe/log.ts";

/** Removes it where it is empty. @returns whether it is not there any more */
export function isGone(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

export function warnLeftBehind(path: string, why: unknown): void {
  log("warn", `what a plugin left in ${path} cannot be removed: ${messageOf(why)}`);
}
