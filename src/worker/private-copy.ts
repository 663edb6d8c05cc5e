// Owns the private copy of a library that is loaded in place of the file on disk (T4).

import { writeSync } from "node:fs";
import { memoryFile, sealMemoryFile } from "../native/libc.ts";

/**
 * Puts the bytes into a sealed file in memory, which nobody can change and which needs no cleaning up.
 * The descriptor stays open for good: the loader knows libraries by name, and a number used again would name the old
 * library.
 * @returns the path to load it from
 */
export function privateCopy(library: Uint8Array): string {
  const descriptor = memoryFile("plugin");
  for (let written = 0; written < library.length; ) written += writeSync(descriptor, library, written);
  sealMemoryFile(descriptor);
  return `/proc/self/fd/${descriptor}`;
}
