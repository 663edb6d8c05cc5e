// Giving names to files and directories that were just written, so that it lasts.

import { renameSync } from "node:fs";
import { syncDirectory as syncByDescriptor } from "../../both-halves/files/synced-directory.ts";
import { system } from "../program/system.ts";
import { retryWhileHeld } from "./retry-while-held.ts";

/** Waits for a virus scanner, which Windows lets keep a file from it. @throws as node:fs */
export function renameWritten(from: string, to: string): void {
  if (system === "windows") retryWhileHeld(() => renameSync(from, to));
  else renameSync(from, to);
}

/** Windows does not: its file systems keep a journal of names. @throws as node:fs */
export function syncDirectory(path: string): void {
  if (system !== "windows") syncByDescriptor(path);
}
