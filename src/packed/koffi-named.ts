// Stands in for the package koffi in the packed program where an open file cannot be named to the loader: on macOS and
// Windows. The addon is unpacked into a directory of its own, which only its owner may enter.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NoDirectory } from "../native/nameless-file.ts";
import { addonBytes, loadAddon } from "./addon.ts";

function unpackAddon(): unknown {
  try {
    const directory = mkdtempSync(join(tmpdir(), "dlrpc-"));
    try {
      const path = join(directory, "koffi.node");
      writeFileSync(path, addonBytes());
      return loadAddon(path);
    } finally {
      if (process.platform !== "win32") rmSync(directory, { recursive: true }); // Windows keeps what is loaded
    }
  } catch (error) {
    throw new NoDirectory([`  ${tmpdir()}: ${(error as Error).message}`]);
  }
}

export default unpackAddon();
