// Writing a package as a directory.

import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CommandError } from "../options.ts";
import { type BundledFile, cannotWrite, contentOf, modeOf } from "./file.ts";

const DIRECTORY_MODE = 0o755;

/**
 * Writes it beside `path` first: it is there whole or not at all.
 * @param path there is nothing, or an empty directory
 * @param onFile is told of each file before it is written
 * @throws CommandError where it cannot be written
 */
export async function writeTree(
  path: string,
  files: readonly BundledFile[],
  onFile: (file: BundledFile) => void,
): Promise<void> {
  const temporary = `${path}.${process.pid}.new`;
  try {
    mkdirSync(temporary);
  } catch (error) {
    throw cannotWrite(path, error);
  }
  try {
    chmodSync(temporary, DIRECTORY_MODE);
    for (const file of files) {
      onFile(file);
      const target = join(temporary, file.name);
      makeDirectory(dirname(target));
      writeFileSync(target, await contentOf(file), { flag: "wx" });
      chmodSync(target, modeOf(file));
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error instanceof CommandError ? error : cannotWrite(path, error);
  }
}

/** With what is missing above it; others may not write there, whatever the umask (T3). */
function makeDirectory(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  for (let at = path; at.length >= first.length; at = dirname(at)) chmodSync(at, DIRECTORY_MODE);
}
