// Owns what workers of the packed program load koffi from: one file in memory, which none of them can change for others.

import { writeSync } from "node:fs";
import { isSea } from "node:sea";
import { memoryFile, sealMemoryFile } from "../native/descriptors.ts";
import { addonBytes } from "../packed/addon.ts";

let descriptor: number | undefined;

/** The descriptor, for workers to inherit; undefined where workers find koffi themselves. */
export function addonForWorkers(): number | undefined {
  if (isSea() && process.platform === "linux") descriptor ??= sealedCopy();
  return descriptor;
}

function sealedCopy(): number {
  const copy = memoryFile("koffi");
  const addon = addonBytes();
  for (let at = 0; at < addon.length; ) at += writeSync(copy, addon, at);
  sealMemoryFile(copy);
  return copy;
}
