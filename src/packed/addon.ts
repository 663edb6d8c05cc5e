// Owns koffi's native addon without the package around it: loading it from an open file, so that no path can be swapped.

import { constants } from "node:os";
import { workerData } from "node:worker_threads";
import { isThread, packedFile } from "../self.ts";

/** What a worker process has the addon open as, behind its channel (worker/frames.ts). */
export const ADDON_DESCRIPTOR = 6;

export const addonBytes = () => packedFile("koffi.node");

/** Loads a native addon (dlopen(3) with RTLD_NOW). @returns what it exports @throws Error with the loader's message */
export function loadAddon(path: string): unknown {
  const loaded = { exports: {} };
  process.dlopen(loaded, path, constants.dlopen.RTLD_NOW);
  return loaded.exports;
}

/** Loads what the broker has open for its workers; a thread of the broker is told where. @throws as `loadAddon` */
export function loadInherited(): unknown {
  const { addon = ADDON_DESCRIPTOR }: { addon?: number } = isThread ? workerData : {};
  return loadAddon(pathOf(addon));
}

/** How an open file is named to the loader (proc(5)). */
export function pathOf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}
