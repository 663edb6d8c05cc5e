// Who else may change a file or directory where that is said by an owner and permission bits (T3).

import { fstatSync, lstatSync, statSync } from "node:fs";
import { shellQuoted } from "../../../base/shell-quoted.ts";

/** That others could change what dlrpc relies on, whatever system says so. */
export interface Exposure {
  /** The end of a sentence that begins with the path: who may. */
  readonly found: string;
  /** What to do about it. */
  readonly remedy: string;
}

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/** Whether group or others may write to what `canonicalPath` names; what has just gone nobody writes to. */
export function writableByOthers(canonicalPath: string): Exposure | undefined {
  return (modeOf(canonicalPath) & WRITABLE_BY_OTHERS) === 0 ? undefined : exposure(canonicalPath);
}

/** The same for a directory on the way to it: in one with the sticky bit, as /tmp, nobody renames what is another's. */
export function wayWritableByOthers(canonicalPath: string): Exposure | undefined {
  const mode = modeOf(canonicalPath);
  return (mode & STICKY) !== 0 || (mode & WRITABLE_BY_OTHERS) === 0 ? undefined : exposure(canonicalPath);
}

/** The owner of a file, directory or link, where that is neither root nor who runs dlrpc: an owner may change it. */
export function foreignOwner(path: string): Exposure | undefined {
  return foreign(path, lstatSync(path, { throwIfNoEntry: false })?.uid);
}

/** Who could have written what is in an open file, beside root and who runs dlrpc. @param path what it was opened by */
export function changeableByOthers(descriptor: number, path: string): Exposure | undefined {
  const { uid, mode } = fstatSync(descriptor);
  return foreign(path, uid) ?? ((mode & WRITABLE_BY_OTHERS) === 0 ? undefined : exposure(path));
}

function foreign(path: string, owner: number | undefined): Exposure | undefined {
  const user = process.geteuid?.();
  if (owner === undefined || owner === 0 || owner === user) return undefined;
  const remedy = `let it belong to root or to user ${user}, who runs dlrpc: chown root ${shellQuoted(path)}`;
  return { found: `belongs to user ${owner}`, remedy };
}

function modeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
}

function exposure(path: string): Exposure {
  return { found: "may be written to by its group or by others", remedy: `chmod go-w ${shellQuoted(path)}` };
}
