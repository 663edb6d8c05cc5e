// Owns the lock on a directory, which says that a program works with it: the system gives it back however that ends.

import { closeSync, constants, existsSync, fstatSync, openSync } from "node:fs";
import { lockOpen } from "../../both-halves/files/lock.ts";
import { pathOf } from "./nameless-file.ts";

/** @returns what is held until it is disposed of; undefined where another program, or this one, holds it @throws as node:fs */
export function lockDirectory(path: string): Disposable | undefined {
  return lockOpen(openSync(path, "r"));
}

/**
 * Locks one that a program of this user may have left.
 * @returns undefined where it is none, has gone, is another user's, or somebody holds the lock
 */
export function lockOwn(path: string): Disposable | undefined {
  const descriptor = openDirectory(path);
  if (descriptor === undefined) return undefined;
  // Without /proc no process can be started that would remove it.
  if (fstatSync(descriptor).uid === process.getuid?.() && existsSync(pathOf(descriptor))) return lockOpen(descriptor);
  closeSync(descriptor);
  return undefined;
}

function openDirectory(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
}
