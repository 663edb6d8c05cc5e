// Owns koffi's native addon without the package around it.

import { constants } from "node:os";
import { packedFile } from "../self.ts";

export const addonBytes = () => packedFile("koffi.node");

/** Loads a native addon (dlopen(3) with RTLD_NOW). @returns what it exports @throws Error with the loader's message */
export function loadAddon(path: string): unknown {
  const loaded = { exports: {} };
  process.dlopen(loaded, path, constants.dlopen.RTLD_NOW);
  return loaded.exports;
}
