// Owns giving names to files and directories that were just written, so that it lasts.

import { closeSync, fsyncSync, openSync, renameSync } from "node:fs";

/** @throws as node:fs */
export function renameWritten(from: string, to: string): void {
  renameSync(from, to);
}

/** Puts the names in a directory on the disk (fsync(2)). */
export function syncDirectory(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
