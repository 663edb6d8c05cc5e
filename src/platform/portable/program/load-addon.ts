// Owns loading a packed addon where an open file cannot be named to the loader: from where only this user writes.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { NoDirectory } from "../../worker-program/no-directory.ts";
import { keepFile, keptIn } from "../files/kept-file.ts";
import { system } from "./system.ts";

const KIND = "addons";

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

function fromCache(name: string, bytes: Buffer): unknown {
  try {
    return load(keepFile(KIND, `${name}.node`, bytes));
  } catch (error) {
    throw new NoDirectory([`  ${keptIn(KIND)}: ${(error as Error).message}`], "LOCALAPPDATA");
  }
}
