// Owns a descriptor for when no other is to be had: what plugins use must be known, and what they leave found, also then.

import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";

let reserve: number | undefined;

/** To be called while there are descriptors. */
export function keepReserve(): void {
  reserve ??= openSync(devNull, "r");
}

/** Does what needs one descriptor at a time, with the one that is kept where there is no other. @throws what `work` throws */
export function withReserve<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EMFILE" || reserve === undefined) throw error;
  }
  closeSync(reserve);
  reserve = undefined;
  try {
    return work();
  } finally {
    keepReserve(); // what was closed for `work` is free again: nothing else ran meanwhile
  }
}
