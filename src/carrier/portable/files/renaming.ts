// Owns giving names to files and directories that were just written, so that it lasts.

import { closeSync, fsyncSync, openSync, renameSync } from "node:fs";
import { system } from "../program/system.ts";
import { patiently } from "./patiently.ts";

/** Waits for a virus scanner, which Windows lets keep a file from it. @throws as node:fs */
export function renameWritten(from: string, to: string): void {
  if (system === "windows") patiently(() => renameSync(from, to));
  else renameSync(from, to);
}

/** Puts the names in a directory on the disk (fsync(2)). Windows does not: its file systems keep a journal of names. */
export function syncDirectory(path: string): void {
  if (system === "windows") return;
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
