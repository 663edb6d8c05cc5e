// Owns loading a native addon that is packed: the loader needs a file, and gets one that has no name and goes at once.

import { closeSync } from "node:fs";
import { constants } from "node:os";
import { namelessFile } from "../files/nameless-file.ts";

/** @param name is for where files have one @returns what it exports @throws NoDirectory with the loader's message */
export function loadAddon(_name: string, bytes: Buffer): unknown {
  const loaded = { exports: {} };
  closeSync(namelessFile(bytes, (path) => process.dlopen(loaded, path, constants.dlopen.RTLD_NOW)));
  return loaded.exports;
}
