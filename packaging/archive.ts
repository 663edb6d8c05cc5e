// Owns the archives of packed programs, the same bytes for the same files, and the list of their hashes.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { zipSync } from "fflate";
import { create } from "tar";

/** What archives say of every file: the earliest that a .zip can say, which says it as the local time of wherever. */
const ZIP_TIME = new Date("1980-01-01T00:00:00");
const TAR_TIME = new Date("1980-01-01T00:00:00Z");
const SUMS = "SHA256SUMS";

/** Makes NAME.tar.gz in `output` of a directory, NAME being the directory's own. @returns its path */
export async function tarGz(directory: string, output: string): Promise<string> {
  const file = join(output, `${basename(directory)}.tar.gz`);
  const cwd = join(directory, "..");
  await create({ file, cwd, portable: true, mtime: TAR_TIME, gzip: true }, filesOf(directory));
  return file;
}

/** As `tarGz`, for Windows. */
export function zip(directory: string, output: string): string {
  const file = join(output, `${basename(directory)}.zip`);
  const contents = filesOf(directory).map((path) => [path, readFileSync(join(directory, "..", path))]);
  writeFileSync(file, zipSync(Object.fromEntries(contents), { mtime: ZIP_TIME }));
  return file;
}

/** Relative to the directory above, in a fixed order. */
function filesOf(directory: string): string[] {
  return readdirSync(directory)
    .sort()
    .map((name) => `${basename(directory)}/${name}`);
}

/** Writes SHA256SUMS, as sha256sum(1) checks it, over all that there is in `output`. */
export function writeSums(output: string): void {
  const names = readdirSync(output)
    .filter((name) => name.startsWith("dlrpc-"))
    .sort();
  const sum = (name: string) =>
    createHash("sha256")
      .update(readFileSync(join(output, name)))
      .digest("hex");
  writeFileSync(join(output, SUMS), names.map((name) => `${sum(name)}  ${name}\n`).join(""));
}
