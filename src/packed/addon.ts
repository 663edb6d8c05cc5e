// Owns koffi's native addon inside the packed program: loading it from an open file, so that no path can be swapped.

import { constants } from "node:os";
import { packedFile } from "../self.ts";

/** What a worker process has the addon open as, behind its channel (worker/frames.ts). */
export const ADDON_DESCRIPTOR = 6;

export const addonBytes = () => packedFile("koffi.node");

/** Loads a native addon (dlopen(3) with RTLD_NOW). @returns what it exports @throws Error with the loader's message */
export function loadAddon(path: string): unknown {
  const loaded = { exports: {} };
  process.dlopen(loaded, path, constants.dlopen.RTLD_NOW);
  return loaded.exports;
}

/** How an open file is named to the loader (proc(5)). */
export function pathOf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}
