// Owns unpacking koffi's native addon: the loader needs a file. It is one without a name, which nobody else can open or
// swap, and which is gone with its last user, whatever ends it.

import { closeSync, constants, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { addonBytes, loadAddon, pathOf } from "./addon.ts";
import { CannotUnpack } from "./cannot-unpack.ts";

const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;
const OWNER_ONLY = 0o600;

/**
 * Loads the addon from the first directory that allows it.
 * @throws CannotUnpack naming every directory and its reason
 */
export function unpackAddon(): unknown {
  const refusals: string[] = [];
  for (const directory of candidates()) {
    try {
      return unpackIn(directory);
    } catch (error) {
      refusals.push(`  ${directory}: ${reasonOf(error)}`);
    }
  }
  throw new CannotUnpack(refusals);
}

/** Where programs may write and run what they wrote: by custom, and beside the program, which runs from there itself. */
function candidates(): Set<string> {
  return new Set([tmpdir(), "/dev/shm", "/var/tmp", dirname(process.execPath)]);
}

function unpackIn(directory: string): unknown {
  const descriptor = openNameless(directory);
  try {
    const addon = addonBytes();
    for (let at = 0; at < addon.length; ) at += writeSync(descriptor, addon, at);
    if (!readBack(descriptor, addon.length).equals(addon)) throw new Error("what was written there reads differently");
    return loadAddon(pathOf(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

/** Not every file system knows O_TMPFILE (open(2)); there the name is taken back before anything is written. */
function openNameless(directory: string): number {
  try {
    return openSync(directory, O_TMPFILE | constants.O_RDWR, OWNER_ONLY);
  } catch (error) {
    if (!["EOPNOTSUPP", "EISDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
  const path = join(directory, `.dlrpc-${process.hrtime.bigint()}`);
  const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, OWNER_ONLY);
  unlinkSync(path);
  return descriptor;
}

function readBack(descriptor: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const count = readSync(descriptor, bytes, at, length - at, at);
    if (count === 0) break;
    at += count;
  }
  return bytes;
}

function reasonOf(error: unknown): string {
  const { message } = error as Error;
  if (/failed to map segment/.test(message)) return "files there must not be run (mounted noexec?)";
  return message.replace(/ '.*'$|, open.*/, "");
}
