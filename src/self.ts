// Owns where the parts of this program are: files beside its script, or packed with Node into one file.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getRawAsset, isSea } from "node:sea";

/** A file inside the packed program. @throws Error where there is none of that name */
export function packedFile(name: string): Buffer {
  return Buffer.from(getRawAsset(name) as ArrayBuffer);
}

/**
 * A part of this program that is not JavaScript.
 * @param name relative to the script, with `/` between its parts
 * @returns undefined where this build does not have it
 */
export function partOf(name: string): Buffer | undefined {
  try {
    return isSea() ? packedFile(name) : readFileSync(join(__dirname, name));
  } catch (error) {
    if (
      ["ENOENT", "ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND"].includes(
        (error as NodeJS.ErrnoException).code ?? "",
      )
    )
      return undefined;
    throw error;
  }
}
