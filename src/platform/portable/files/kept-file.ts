// Owns files that are made out of this program's parts, as the system takes a name only: in the user's own cache, one for
// all that are of the same bytes. Windows removes nothing that is loaded, so they stay for the next start.

import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, parse } from "node:path";
import { crc32 } from "node:zlib";
import { tolerating } from "../../../base/failures.ts";
import { userPlaces } from "../../user-places.ts";
import { retryWhileHeld } from "./retry-while-held.ts";

const OWNER_ONLY = 0o700;
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Where files of a kind are: for a user who has no home, among the files for a time, in a directory of the user's own. On
 * Windows everybody has one, and users have no numbers.
 * @throws Error as `requireOwn`
 */
export function keptIn(kind: string): string {
  const { cache } = userPlaces();
  const user = process.getuid?.();
  if (user === undefined || existsSync(dirname(cache))) return join(cache, "dlrpc", kind);
  const own = join(tmpdir(), `dlrpc-of-${user}`);
  requireOwn(own, user);
  return join(own, kind);
}

/** Anybody may have put something of that name there. @throws Error where it is not this user's alone, as node:fs */
function requireOwn(directory: string, user: number): void {
  mkdirSync(directory, { recursive: true, mode: OWNER_ONLY });
  const found = lstatSync(directory);
  if (!found.isDirectory() || found.uid !== user || (found.mode & WRITABLE_BY_OTHERS) !== 0)
    throw new Error(`${directory} is not this user's alone: remove it, or let HOME name a directory`);
}

/** @param name as it would be called if it were the only one @returns where it is @throws as node:fs */
export function keepFile(kind: string, name: string, bytes: Buffer): string {
  const { name: base, ext } = parse(name);
  const path = join(keptIn(kind), `${base}-${crc32(bytes).toString(16)}${ext}`);
  if (!holds(path, bytes)) put(path, bytes);
  return path;
}

function holds(path: string, bytes: Buffer): boolean {
  return tolerating(["ENOENT"], () => readFileSync(path).equals(bytes)) ?? false;
}

/** Another dlrpc may have put it there by now, and loaded it: then it cannot be replaced, and need not be. */
function put(path: string, bytes: Buffer): void {
  mkdirSync(dirname(path), { recursive: true, mode: OWNER_ONLY });
  const own = `${path}.${process.pid}`;
  writeFileSync(own, bytes, { mode: OWNER_ONLY });
  try {
    retryWhileHeld(() => {
      if (!holds(path, bytes)) renameSync(own, path);
    });
  } finally {
    rmSync(own, { force: true });
  }
}
