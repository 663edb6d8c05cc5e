// Owns the private copy of a plugin's code, which its workers load: what was checked, whatever becomes of the files (T4).

import { constants, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { setImmediate } from "node:timers/promises";
import { loadableFile, loadableInMemory } from "#platform/files/loadable";
import { DlrpcError } from "../../protocol/errors.ts";
import { mayAccess } from "../base/access.ts";
import { closing } from "../base/closing.ts";
import { messageOf, tolerating } from "../base/failures.ts";
import { log } from "../observe/log.ts";
import type { Loadable } from "../platform/both-halves/files/loadable.ts";
import { throwIfExhausted } from "../platform/exhaustion.ts";
import type { LibraryFile } from "../plugins/libraries/dependencies.ts";
import { compareHash } from "../plugins/manifest/file-hashes.ts";
import type { ListedFile } from "../plugins/trust/integrity.ts";
import { LARGEST_FILE, scanRegularFile, UnreadableFile } from "../plugins/trust/read-file.ts";
import { resolve } from "../plugins/trust/resolve.ts";
import { PrivateDirectory } from "./private-directory.ts";

/** Others have their turn after so much was written. */
const CHUNK_BYTES = 1024 * 1024;
/** Nobody writes to a copy any more, not even who may write to the directory that it is in. */
const FILE_MODE = 0o500;
/** More files than that are not named in an error. */
const MOST_NAMED = 3;

export interface LibraryCopy extends Disposable {
  /** The directory that it is in; undefined where it is in memory. */
  readonly directory: string | undefined;
  /**
   * The open file that is loaded, whatever has its name by then; undefined where the library is loaded by name, as the
   * loader finds by that what lies beside it.
   */
  readonly descriptor: number | undefined;
  /** By what this process can open it; undefined where it has the name that `originals` has. */
  readonly openAs: string | undefined;
  /** By what the system calls it in a process (proc(5), maps), the file that each is a copy of. */
  readonly originals: ReadonlyMap<string, string>;
  /** The name by which process `pid` loads it. */
  pathFor(pid: number): string;
}

/**
 * Copies a library, and with it those that it needs from beside it, and what plugin.json lists.
 * @param libraries the plugin's own is the first
 * @param listed read anew, and held to its hash anew
 * @returns the copy, to be disposed of when no worker that loads it will be started any more
 * @throws DlrpcError LIBRARY_LOAD_FAILED where they cannot be copied; INTEGRITY_FAILED
 */
export async function copyLibraries(
  libraries: readonly LibraryFile[],
  listed: readonly ListedFile[] = [],
): Promise<LibraryCopy> {
  const [library] = libraries;
  if (library === undefined) throw new Error("there is no library to copy");
  if (libraries.length + listed.length > 1) return copyTogether(library, libraries, listed);
  return (await copyAlone(library)) ?? (await copyIntoMemory(library)) ?? noPlace(library);
}

/** @returns undefined where files in the directory cannot be written or run, as where it is mounted noexec */
async function copyAlone({ path, bytes }: LibraryFile): Promise<LibraryCopy | undefined> {
  const directory = PrivateDirectory.make();
  if (directory === undefined) return undefined;
  const copy = join(directory.path, basename(path));
  try {
    await writeCopy(copy, (descriptor) => writeAll(descriptor, bytes));
    if (mayAccess(copy, constants.X_OK)) return opened(loadableFile(copy), path, directory, copy);
  } catch (error) {
    rmSync(copy, { force: true });
    directory.remove();
    throwIfExhausted(error);
    log("warn", `${path} cannot be copied to a private directory, and is loaded from memory: ${error}`);
  }
  rmSync(copy, { force: true });
  directory.remove();
  return undefined;
}

/** Into a file that nobody can change, and that ends with its last user. @returns undefined where there is no such thing */
async function copyIntoMemory({ path, bytes }: LibraryFile): Promise<LibraryCopy | undefined> {
  const loadable = await loadableInMemory(basename(path), (descriptor) => writeAll(descriptor, bytes));
  return loadable && opened(loadable, path);
}

function noPlace({ path }: LibraryFile): never {
  const message = `${path} cannot be copied to where only this user may write`;
  const hint = "Let TMPDIR name a directory where dlrpc may write files and run them; its log says what failed.";
  throw new DlrpcError("LIBRARY_LOAD_FAILED", message, { library: path, hint });
}

/** @param path of the original @param copy the one file in the directory */
function opened(loadable: Loadable, path: string, directory?: PrivateDirectory, copy?: string): LibraryCopy {
  return {
    directory: directory?.path,
    descriptor: loadable.descriptor,
    openAs: loadable.openAs,
    originals: new Map([[loadable.name, path]]),
    pathFor: loadable.pathFor,
    [Symbol.dispose]() {
      loadable[Symbol.dispose]();
      if (copy !== undefined) removeUnlessLoaded(copy);
      directory?.remove();
    },
  };
}

/** An empty directory goes at once; Windows removes nothing that is loaded: there the directory goes with what is in it. */
function removeUnlessLoaded(copy: string): void {
  tolerating(["EPERM", "EBUSY", "EACCES"], () => rmSync(copy, { force: true }));
}

/** They lie to each other as they did, in the first place where they can be written and run. */
async function copyTogether(
  library: LibraryFile,
  libraries: readonly LibraryFile[],
  listed: readonly ListedFile[],
): Promise<LibraryCopy> {
  const refusals: string[] = [];
  for (const directory of PrivateDirectory.everywhere()) {
    try {
      return await copyInto(directory, library, libraries, listed);
    } catch (error) {
      directory.remove();
      if (error instanceof DlrpcError) throw error;
      throwIfExhausted(error);
      refusals.push(messageOf(error));
    }
  }
  const others = [...libraries, ...listed].map(({ path }) => path).filter((path) => path !== library.path);
  const named = others.slice(0, MOST_NAMED).join(", ") + (others.length > MOST_NAMED ? " and others" : "");
  const why = refusals.join("; ") || "there is no directory for temporary files";
  const message = `${library.path} has ${named} beside it, and cannot be copied along with that: ${why}`;
  throw new DlrpcError("LIBRARY_LOAD_FAILED", message, {
    library: library.path,
    hint: "Let TMPDIR name a directory where dlrpc may write files and run them.",
  });
}

async function copyInto(
  directory: PrivateDirectory,
  library: LibraryFile,
  libraries: readonly LibraryFile[],
  listed: readonly ListedFile[],
): Promise<LibraryCopy> {
  const paths = [...libraries, ...listed].map(({ path }) => path);
  const top = commonDirectory(paths);
  const placeOf = ({ path }: { path: string }) => join(directory.path, relative(top, path));
  for (const path of paths) mkdirSync(dirname(placeOf({ path })), { recursive: true, mode: 0o700 });
  for (const file of libraries) await writeCopy(placeOf(file), (descriptor) => writeAll(descriptor, file.bytes));
  for (const file of listed) await writeCopy(placeOf(file), (descriptor) => writeListed(descriptor, file));
  if (!mayAccess(placeOf(library), constants.X_OK))
    throw new Error(`files in ${directory.path} must not be run (mounted noexec)`);
  return {
    directory: directory.path,
    descriptor: undefined,
    openAs: undefined,
    originals: new Map(libraries.map((file) => [placeOf(file), file.path])),
    pathFor: () => placeOf(library),
    [Symbol.dispose]: () => directory.remove(),
  };
}

function commonDirectory(paths: readonly string[]): string {
  const [first = "/", ...others] = paths.map(dirname);
  let common = first;
  while (others.some((other) => other !== common && !other.startsWith(join(common, "/")))) common = dirname(common);
  return common;
}

async function writeCopy(path: string, write: (descriptor: number) => Promise<void>): Promise<void> {
  const descriptor = openSync(path, "wx", FILE_MODE);
  using _ = closing(descriptor);
  await write(descriptor);
}

/** @throws DlrpcError INTEGRITY_FAILED where it was changed since it was checked */
async function writeListed(descriptor: number, { path, sha256 }: ListedFile): Promise<void> {
  const write = (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
  };
  const found = resolve(path);
  if ("code" in found) throw changed(path, `it cannot be reached (${found.code})`);
  try {
    const problem = compareHash(path, await scanRegularFile(found.canonical, LARGEST_FILE, write), sha256);
    if (problem !== undefined) throw changed(path, problem.message);
  } catch (error) {
    throw error instanceof UnreadableFile ? changed(path, error.message) : error;
  }
}

function changed(path: string, what: string): DlrpcError {
  const message = `${path} was changed while the plugin was loaded: ${what}`;
  return new DlrpcError("INTEGRITY_FAILED", message, { path, hint: "Load it again once it is installed." });
}

async function writeAll(descriptor: number, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(descriptor, bytes, at, Math.min(bytes.length - at, CHUNK_BYTES));
    if (at < bytes.length) await setImmediate();
  }
}
