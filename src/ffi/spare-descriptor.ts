// Owns a descriptor for when no other is to be had: what plugins use must be known, and what they leave found, also then.

import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";

let spare: number | undefined;

/** To be called while there are descriptors. */
export function keepSpareDescriptor(): void {
  spare ??= openSync(devNull, "r");
}

/** Does what needs one descriptor at a time, with the one that is kept where there is no other. @throws what `work` throws */
export function withSpareDescriptor<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EMFILE" || spare === undefined) throw error;
  }
  closeSync(spare);
  spare = undefined;
  try {
    return work();
  } finally {
    keepSpareDescriptor(); // what was closed for `work` is free again: nothing else ran meanwhile
  }
}
