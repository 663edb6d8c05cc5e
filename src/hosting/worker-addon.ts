// Owns what workers load koffi's native addon from: one open file, which none of them can change for others through that.

import { openSync, writeSync } from "node:fs";
import { isSea } from "node:sea";
import { memoryFile, sealMemoryFile } from "../native/descriptors.ts";
import { addonBytes } from "../packed/addon.ts";

let descriptor: number | undefined;

/** The descriptor, for workers to inherit; undefined where workers find koffi themselves. */
export function addonForWorkers(): number | undefined {
  if (process.platform === "linux") descriptor ??= isSea() ? sealedCopy() : openSync(loadedAddon(), "r");
  return descriptor;
}

/** Where the package koffi has found the addon for this process. */
function loadedAddon(): string {
  const { cache = {} } = require as Partial<NodeJS.Require>;
  const found = Object.keys(cache).find((path) => path.endsWith("koffi.node"));
  if (found === undefined) throw new Error("koffi has not loaded a koffi.node by `require`");
  return found;
}

function sealedCopy(): number {
  const copy = memoryFile("koffi");
  const addon = addonBytes();
  for (let at = 0; at < addon.length; ) at += writeSync(copy, addon, at);
  sealMemoryFile(copy);
  return copy;
}
