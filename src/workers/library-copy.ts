// Owns the private copy of a plugin's code, which is what its workers load: what was checked, whatever becomes of the
// files (T4). Debuggers and profilers can open it by the name that it has there.

import { accessSync, closeSync, constants, mkdirSync, openSync, writeSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { DlrpcError } from "../../protocol/errors.ts";
import { memoryFile, sealMemoryFile } from "../native/descriptors.ts";
import { log } from "../observe/log.ts";
import type { LibraryFile } from "../plugins/dependencies.ts";
import { Descriptor } from "./frames.ts";
import { PrivateDirectory } from "./private-directory.ts";

/** Others have their turn after so much was written. */
const CHUNK_BYTES = 1024 * 1024;
/** Nobody writes to a copy any more, not even who may write to the directory that it is in. */
const FILE_MODE = 0o500;

export interface LibraryCopy extends Disposable {
  /** The directory that it is in; undefined where it is in memory. */
  readonly directory: string | undefined;
  /**
   * The open file that is loaded, whatever has its name by then; undefined where the library is loaded by name, as the
   * loader finds by that what lies beside it.
   */
  readonly descriptor: number | undefined;
  /** The name by which process `pid` loads it. */
  pathFor(pid: number): string;
}

/**
 * Copies a library, and with it those that it needs from beside it.
 * @param libraries the plugin's own is the first
 * @returns the copy, to be disposed of when no worker that loads it will be started any more
 * @throws DlrpcError LIBRARY_LOAD_FAILED where they cannot be copied
 */
export async function copyLibraries(libraries: readonly LibraryFile[]): Promise<LibraryCopy> {
  const [library] = libraries;
  if (library === undefined) throw new Error("there is no library to copy");
  const directory = PrivateDirectory.make();
  try {
    if (libraries.length > 1) return await copyTogether(library, libraries, directory);
    return (directory && (await copyAlone(library, directory))) ?? (await copyIntoMemory(library));
  } catch (error) {
    directory?.remove();
    throw error;
  }
}

/** @returns undefined where files in the directory cannot be written or run */
async function copyAlone({ path, bytes }: LibraryFile, directory: PrivateDirectory): Promise<LibraryCopy | undefined> {
  const copy = join(directory.path, basename(path));
  try {
    await writeCopy(copy, bytes);
    if (mayBeRun(copy)) return opened(openSync(copy, "r"), directory);
  } catch (error) {
    log("warn", `${path} cannot be copied to a private directory, and is loaded from memory: ${error}`);
  }
  directory.remove();
  return undefined;
}

/** Into a file that nobody can change, and that ends with its last user. */
async function copyIntoMemory({ path, bytes }: LibraryFile): Promise<LibraryCopy> {
  const descriptor = memoryFile(basename(path));
  await writeAll(descriptor, bytes);
  sealMemoryFile(descriptor);
  return opened(descriptor, undefined);
}

function opened(descriptor: number, directory: PrivateDirectory | undefined): LibraryCopy {
  return {
    directory: directory?.path,
    descriptor,
    // By the process's number: a debugger, for which /proc/self is its own, finds it there, too.
    pathFor: (pid) => `/proc/${pid}/fd/${Descriptor.library}`,
    [Symbol.dispose]() {
      closeSync(descriptor);
      directory?.remove();
    },
  };
}

/** They lie to each other as they did. */
async function copyTogether(
  library: LibraryFile,
  libraries: readonly LibraryFile[],
  directory: PrivateDirectory | undefined,
): Promise<LibraryCopy> {
  const top = commonDirectory(libraries.map(({ path }) => path));
  const placeOf = ({ path }: LibraryFile) => join(directory?.path ?? "", relative(top, path));
  try {
    if (directory === undefined) throw new Error("there is no directory for temporary files");
    for (const file of libraries) {
      mkdirSync(dirname(placeOf(file)), { recursive: true, mode: 0o700 });
      await writeCopy(placeOf(file), file.bytes);
    }
    if (!mayBeRun(placeOf(library))) throw new Error(`files in ${directory.path} must not be run (mounted noexec)`);
  } catch (error) {
    const needed = libraries.filter((file) => file !== library).map(({ path }) => path);
    const message = `${library.path} needs ${needed.join(", ")}, and cannot be copied along with it: ${error}`;
    throw new DlrpcError("LIBRARY_LOAD_FAILED", message, {
      library: library.path,
      hint: "Let TMPDIR name a directory where dlrpc may write files and run them.",
    });
  }
  return {
    directory: directory.path,
    descriptor: undefined,
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

async function writeCopy(path: string, bytes: Buffer): Promise<void> {
  const descriptor = openSync(path, "wx", FILE_MODE);
  try {
    await writeAll(descriptor, bytes);
  } finally {
    closeSync(descriptor);
  }
}

async function writeAll(descriptor: number, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(descriptor, bytes, at, Math.min(bytes.length - at, CHUNK_BYTES));
    if (at < bytes.length) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** access(2) says no of a file on what is mounted noexec. */
function mayBeRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
