// Owns the private copy of a library that is loaded in place of the file on disk (T4).

import { closeSync } from "node:fs";
import { threadId } from "node:worker_threads";
import { memoryFile, sealMemoryFile } from "../native/descriptors.ts";
import type { Address } from "../native/ffi.ts";
import { write } from "../native/io.ts";
import { isThread } from "../self.ts";

export interface PrivateCopy {
  /** Where to load it from. */
  readonly path: string;
  /** Gives the file back; the library stays in memory for as long as it is loaded. */
  close(): void;
}

/** Puts the bytes into a sealed file in memory, which nobody can change and which ends with its last user. */
export function privateCopy(library: Address, length: number): PrivateCopy {
  const descriptor = memoryFile("plugin");
  for (let written = 0; written < length; ) written += write(descriptor, library + written, length - written);
  sealMemoryFile(descriptor);
  return { path: `/proc/self${uniqueDetour()}/fd/${descriptor}`, close: () => closeSync(descriptor) };
}

/**
 * The loader knows a library by the path it was loaded from, some for as long as the process lives, while a descriptor's
 * number comes again. So each thread, which loads one library and has a number of its own, spells the path differently.
 */
function uniqueDetour(): string {
  const number = isThread ? threadId : 0; // asked of Node, it would take a millisecond
  return number.toString(2).replaceAll("0", "//").replaceAll("1", "/.");
}
