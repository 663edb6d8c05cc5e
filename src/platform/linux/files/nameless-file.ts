// Owns files that can be run and have no name: nobody else can open or swap one, and it goes with its last user.

import { accessSync, closeSync, constants, openSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { tolerating } from "../../../base/failures.ts";
import { NoDirectory } from "../../worker-program/no-directory.ts";

const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;
const OWNER_ONLY = 0o700;

/** How an open file is named to the loader and the kernel (proc(5)). */
export function pathOf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}

/**
 * Writes a file in the first directory where it can be run.
 * @param requireUse is given its path, and throws where it is of no use there
 * @returns its descriptor, open for reading @throws NoDirectory naming every directory and its reason
 */
export function namelessFile(bytes: Uint8Array, requireUse = (_path: string): void => {}): number {
  const refusals: string[] = [];
  for (const directory of candidates()) {
    try {
      return fileIn(directory, bytes, requireUse);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EMFILE") throw error;
      refusals.push(`  ${directory}: ${reasonOf(error)}`);
    }
  }
  throw new NoDirectory(refusals);
}

/** Where `namelessFile` looks, and why a place would not do; undefined where it would. */
export function placesToRunFrom(): [directory: string, refusal: string | undefined][] {
  return [...candidates()].map((directory) => {
    try {
      closeSync(fileIn(directory, Buffer.from("#!/bin/sh\n"), () => {}));
      return [directory, undefined];
    } catch (error) {
      return [directory, reasonOf(error)];
    }
  });
}

/** Where programs may write and run what they wrote: by custom, and beside the program, which runs from there itself. */
function candidates(): Set<string> {
  return new Set([tmpdir(), "/dev/shm", "/var/tmp", dirname(process.execPath)]);
}

function fileIn(directory: string, bytes: Uint8Array, requireUse: (path: string) => void): number {
  const writable = openNameless(directory);
  let descriptor: number;
  try {
    writeFileSync(writable, bytes);
    descriptor = openSync(pathOf(writable), "r"); // what is open for writing is not run (ETXTBSY)
  } finally {
    closeSync(writable);
  }
  try {
    if (!readFileSync(descriptor).equals(bytes)) throw new Error("what was written there reads differently");
    accessSync(pathOf(descriptor), constants.X_OK);
    requireUse(pathOf(descriptor));
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Not every file system knows O_TMPFILE (open(2)); there the name is taken back before anything is written. */
function openNameless(directory: string): number {
  const open = () => openSync(directory, O_TMPFILE | constants.O_RDWR, OWNER_ONLY);
  const nameless = tolerating(["EOPNOTSUPP", "EISDIR"], open);
  if (nameless !== undefined) return nameless;
  const path = join(directory, `.dlrpc-${process.hrtime.bigint()}`);
  const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, OWNER_ONLY);
  unlinkSync(path);
  return descriptor;
}

function reasonOf(error: unknown): string {
  const { message } = error as Error;
  if (/failed to map segment|, access/.test(message)) return "files there must not be run (mounted noexec?)";
  return message.replace(/ '.*'$|, open.*/, "");
}
