// Owns putting a library and those that it needs from beside it where a worker loads them from: a directory that the broker
// writes to and a confined worker does not, named by the hash of what is in it (T4).

import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DlrpcError } from "../../protocol/errors.ts";
import type { LibraryFile } from "../plugins/dependencies.ts";
import type { PrivateDirectory } from "./private-directory.ts";

/**
 * Copies the libraries. They lie to each other as they did: below one directory, each under its whole old path.
 * @param libraries the first one is the plugin's
 * @returns where that is now
 * @throws DlrpcError LIBRARY_LOAD_FAILED where they cannot be copied
 */
export async function copyLibraries(
  libraries: readonly LibraryFile[],
  directory: PrivateDirectory | undefined,
): Promise<string> {
  const [library] = libraries;
  if (library === undefined) throw new Error("there is no library to copy");
  const root = join(directory?.libraries ?? "", hashOf(libraries));
  try {
    if (directory === undefined) throw new Error("it has no directory of its own");
    for (const { path, bytes } of libraries) {
      const copy = join(root, path);
      await mkdir(dirname(copy), { recursive: true, mode: 0o700 });
      await writeFile(copy, bytes, { mode: 0o500, flag: "wx" });
    }
  } catch (error) {
    const needed = libraries.slice(1).map(({ path }) => path);
    const message = `${library.path} needs ${needed.join(", ")}, and cannot be copied along with it: ${error}`;
    throw new DlrpcError("LIBRARY_LOAD_FAILED", message, {
      library: library.path,
      hint: 'Load it with isolation "process", and see to it that dlrpc can write to its TMPDIR or /tmp.',
    });
  }
  return join(root, library.path);
}

function hashOf(libraries: readonly LibraryFile[]): string {
  const hash = createHash("sha256");
  for (const { path, bytes } of libraries) hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  return hash.digest("hex");
}
