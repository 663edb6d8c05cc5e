// Owns loading a native addon that is packed, where an open file cannot be named to the loader: from a directory into which
// only this user writes.

import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { NoDirectory } from "../no-directory.ts";
import { userPlaces } from "../user-places.ts";
import { patiently } from "./patiently.ts";
import { system } from "./system.ts";

/** @param name its file's, without an ending @returns what it exports @throws NoDirectory with the loader's message */
export function loadAddon(name: string, bytes: Buffer): unknown {
  return system === "windows" ? fromCache(name, bytes) : fromTemporary(bytes);
}

/** As dlopen(3) with RTLD_NOW, where there is one. @throws Error with the loader's message */
function load(path: string): unknown {
  const loaded = { exports: {} };
  process.dlopen(loaded, path, constants.dlopen?.RTLD_NOW);
  return loaded.exports;
}

/** It goes at once. */
function fromTemporary(bytes: Buffer): unknown {
  try {
    const directory = mkdtempSync(join(tmpdir(), "dlrpc-"));
    try {
      const path = join(directory, "addon.node");
      writeFileSync(path, bytes);
      return load(path);
    } finally {
      rmSync(directory, { recursive: true });
    }
  } catch (error) {
    throw new NoDirectory([`  ${tmpdir()}: ${(error as Error).message}`]);
  }
}

/** Windows removes nothing that is loaded: it stays for the next start, one file for all that are of the same bytes. */
function fromCache(name: string, bytes: Buffer): unknown {
  const path = join(userPlaces().cache, "dlrpc", "addons", `${name}-${crc32(bytes).toString(16)}.node`);
  try {
    if (!holds(path, bytes)) put(path, bytes);
    return load(path);
  } catch (error) {
    throw new NoDirectory([`  ${dirname(path)}: ${(error as Error).message}`], "LOCALAPPDATA");
  }
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
  mkdirSync(dirname(path), { recursive: true });
  const own = `${path}.${process.pid}`;
  writeFileSync(own, bytes);
  try {
    patiently(() => {
      if (!holds(path, bytes)) renameSync(own, path);
    });
  } finally {
    rmSync(own, { force: true });
  }
}
