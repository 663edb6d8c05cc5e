// Putting the names in a directory on the disk (fsync(2)).

import { closeSync, fsyncSync, openSync } from "node:fs";

/** @throws as node:fs */
export function syncDirectory(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
