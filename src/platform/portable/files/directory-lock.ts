// Owns the lock on a directory, which says that a program works with it: the system gives it back however that ends.

import { lstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { lockOpen } from "../../both-halves/files/lock.ts";
import { lockFile } from "../../windows/files/lock.ts";
import { system } from "../program/system.ts";

/** On Windows, where a directory cannot be locked. */
const LOCK_FILE = ".dlrpc-lock";

/** @returns what is held until it is disposed of; undefined where another program, or this one, holds it @throws as node:fs, WindowsError */
export function lockDirectory(path: string): Disposable | undefined {
  if (system === "windows") return lockFile(join(path, LOCK_FILE));
  return lockOpen(openSync(path, "r"));
}

/**
 * Locks one that a program of this user may have left.
 * @returns undefined where it is none, has gone, is another user's, or somebody holds the lock
 */
export function lockOwn(path: string): Disposable | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true || found.uid !== (process.getuid?.() ?? found.uid)) return undefined;
  try {
    return lockDirectory(path);
  } catch {
    return undefined; // it has gone meanwhile, or may not be opened
  }
}
