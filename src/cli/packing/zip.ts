// Writing a package as a .zip: the same bytes for the same files, whenever and wherever.

import { fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { Zip, ZipDeflate } from "fflate";
import { closing } from "../../base/closing.ts";
import { CommandError } from "../options.ts";
import { type BundledFile, cannotWrite, contentOf, modeOf } from "./file.ts";

/** The earliest time that a .zip can say, which says it as the local time of wherever. */
const TIME = new Date("1980-01-01T00:00:00");
const UNIX = 3;
const REGULAR_FILE = 0o100000;
/** What a .zip can count without Zip64, which not every reader knows. */
const MOST_FILES = 0xffff;
const MOST_BYTES = 0xffffffff;

/**
 * Writes it beside `path` first: it is there whole or not at all.
 * @param onFile is told of each file before it is written
 * @throws CommandError where it cannot be written, or is more than a .zip can hold
 */
export async function writeZip(
  path: string,
  files: readonly BundledFile[],
  onFile: (file: BundledFile) => void,
): Promise<void> {
  if (files.length > MOST_FILES) throw new CommandError(`${files.length} files; a .zip holds at most ${MOST_FILES}`);
  const temporary = `${path}.${process.pid}.new`;
  const descriptor = openNew(path, temporary);
  using _ = closing(descriptor);
  try {
    await writeAll(path, descriptor, files, onFile);
    fsyncSync(descriptor);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error instanceof CommandError ? error : cannotWrite(path, error);
  }
}

async function writeAll(
  path: string,
  descriptor: number,
  files: readonly BundledFile[],
  onFile: (file: BundledFile) => void,
): Promise<void> {
  let written = 0;
  const zip = new Zip((error, chunk) => {
    if (error !== null) throw error;
    written += chunk.length;
    if (written > MOST_BYTES) throw new CommandError(`${path} would be longer than the 4 GiB that a .zip can be`);
    for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
  });
  for (const file of files) {
    onFile(file);
    const entry = new ZipDeflate(file.name);
    entry.mtime = TIME;
    entry.os = UNIX;
    entry.attrs = ((REGULAR_FILE | modeOf(file)) << 16) >>> 0;
    zip.add(entry);
    entry.push(await contentOf(file), true);
  }
  zip.end();
}

function openNew(path: string, temporary: string): number {
  try {
    return openSync(temporary, "wx", 0o644);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}
