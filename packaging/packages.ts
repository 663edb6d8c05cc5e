// Owns fetching packages of the lock file, also those of other platforms, which npm does not install here.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { extract } from "tar";
import { cacheDirectory, projectRoot } from "./places.ts";

interface Locked {
  version: string;
  integrity: string;
}

const lock: { packages: Record<string, Locked> } = JSON.parse(
  readFileSync(join(projectRoot, "package-lock.json"), "utf8"),
);

/** The files of a package, which go when it is disposed of. */
class FetchedPackage implements Disposable {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }
}

/** @throws Error where the package is not in the lock file */
export function lockedVersion(name: string): string {
  return locked(name).version;
}

function locked(name: string): Locked {
  const found = lock.packages[`node_modules/${name}`];
  if (found === undefined) throw new Error(`${name} is not in package-lock.json`);
  return found;
}

/**
 * Gets a package in the version of the lock file, and unpacks it afresh from a tarball whose hash is the lock file's.
 * @throws Error where the registry cannot be reached or its tarball is another
 */
export async function fetchPackage(name: string): Promise<FetchedPackage> {
  const { version, integrity } = locked(name);
  mkdirSync(cacheDirectory, { recursive: true });
  const stem = `${name.replace("@", "").replace("/", "-")}-${version}`;
  const tarball = join(cacheDirectory, `${stem}.tgz`);
  if (!existsSync(tarball)) download(`${name}@${version}`, tarball);
  const found = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
  if (found !== integrity) {
    rmSync(tarball);
    throw new Error(`the tarball of ${name}@${version} has the hash ${found}; package-lock.json wants ${integrity}`);
  }
  const directory = mkdtempSync(join(cacheDirectory, `${stem}-`));
  await extract({ file: tarball, cwd: directory, strip: 1 });
  return new FetchedPackage(directory);
}

function download(specifier: string, tarball: string): void {
  const directory = mkdtempSync(join(cacheDirectory, "download-"));
  const options = ["--silent", "--prefer-offline", "--pack-destination", directory];
  execFileSync("npm", ["pack", ...options, specifier], {
    cwd: directory,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32", // npm is a script there
  });
  const [file = ""] = readdirSync(directory);
  renameSync(join(directory, file), tarball);
  rmSync(directory, { recursive: true });
}
