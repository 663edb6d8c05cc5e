// Owns files that are made out of this program's parts, as the system takes a name only: in the user's own cache, one for
// all that are of the same bytes. Windows removes nothing that is loaded, so they stay for the next start.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, parse } from "node:path";
import { crc32 } from "node:zlib";
import { userPlaces } from "../user-places.ts";
import { patiently } from "./patiently.ts";

const OWNER_ONLY = 0o700;

/** Where files of a kind are. */
export function keptIn(kind: string): string {
  return join(userPlaces().cache, "dlrpc", kind);
}

/** @param name as it would be called if it were the only one @returns where it is @throws as node:fs */
export function keepFile(kind: string, name: string, bytes: Buffer): string {
  const { name: base, ext } = parse(name);
  const path = join(keptIn(kind), `${base}-${crc32(bytes).toString(16)}${ext}`);
  if (!holds(path, bytes)) put(path, bytes);
  return path;
}

function holds(path: string, bytes: Buffer): boolean {
  try {
    return readFileSync(path).equals(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** Another dlrpc may have put it there by now, and loaded it: then it cannot be replaced, and need not be. */
function put(path: string, bytes: Buffer): void {
  mkdirSync(dirname(path), { recursive: true, mode: OWNER_ONLY });
  const own = `${path}.${process.pid}`;
  writeFileSync(own, bytes, { mode: OWNER_ONLY });
  try {
    patiently(() => {
      if (!holds(path, bytes)) renameSync(own, path);
    });
  } finally {
    rmSync(own, { force: true });
  }
}
