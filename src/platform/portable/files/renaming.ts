// Owns giving names to files and directories: to what was just written, so that it lasts, and exchanging two.

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

/** @returns false: two steps have to do */
export function exchange(_path: string, _other: string): boolean {
  return false;
}
