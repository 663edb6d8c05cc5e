// Stands in for the package koffi in the packed program: the loader needs a file for the addon, and nothing native that
// could make one in memory is there yet. Where that can be done, it leaves nothing behind.

import { closeSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { namelessFile } from "../carrier/linux/nameless-file.ts";
import { NoDirectory } from "../native/no-directory.ts";
import { packedFile } from "../self.ts";

const loaded = { exports: {} };

/** As dlopen(3) with RTLD_NOW. @throws Error with the loader's message */
function load(path: string): void {
  process.dlopen(loaded, path, constants.dlopen.RTLD_NOW);
}

/** On macOS and Windows, where an open file cannot be named to the loader: in a directory that only its owner may enter. */
function loadByName(bytes: Uint8Array): void {
  try {
    const directory = mkdtempSync(join(tmpdir(), "dlrpc-"));
    try {
      const path = join(directory, "koffi.node");
      writeFileSync(path, bytes);
      load(path);
    } finally {
      if (process.platform !== "win32") rmSync(directory, { recursive: true }); // Windows keeps what is loaded
    }
  } catch (error) {
    throw new NoDirectory([`  ${tmpdir()}: ${(error as Error).message}`]);
  }
}

const addon = packedFile("koffi.node");
if (process.platform === "linux") closeSync(namelessFile(addon, load));
else loadByName(addon);

export default loaded.exports;
