// Reading a file that nobody has vouched for: bounded, regular files only, hashed as it is read.

import { createHash } from "node:crypto";
import { fstatSync, openSync, readSync } from "node:fs";
import { setImmediate, setTimeout } from "node:timers/promises";
import { OPEN_WITHOUT_LINK, placeOf } from "#platform/files/opened-file";
import { closing } from "../../base/closing.ts";
import { log } from "../../observe/log.ts";
import { throwIfExhausted } from "../../platform/exhaustion.ts";

/** Others have their turn after so much was read. */
const CHUNK_BYTES = 256 * 1024;

/** Larger libraries are refused, and so are other files of a plugin that are read whole or held to a hash. */
export const LARGEST_FILE = 512 * 1024 * 1024;

/** ERROR_SHARING_VIOLATION of Windows. */
const HELD = "EBUSY";
const MOST_TRIES = 20;
const BETWEEN_TRIES_MS = 100;
const HELD_FOR = `${(MOST_TRIES * BETWEEN_TRIES_MS) / 1000} s`;

/** Why a file was not read: what was found and what is needed, without the path. */
export class UnreadableFile extends Error {}

export interface FileHash {
  /** `sha256-<base64>` of exactly the bytes that were read, as in web pages (Subresource Integrity). */
  integrity: string;
}

export interface FileContent extends FileHash {
  bytes: Buffer;
}

/**
 * Reads the file at a canonical path. What is returned is one reading: nothing that happens to the file afterwards
 * changes what was checked (T4).
 * @throws UnreadableFile
 */
export async function readRegularFile(canonicalPath: string, maxBytes: number): Promise<FileContent> {
  const chunks: Buffer[] = [];
  const { integrity } = await scanRegularFile(canonicalPath, maxBytes, (chunk) => chunks.push(chunk));
  return { bytes: Buffer.concat(chunks), integrity };
}

/** Only what its hash is. @throws UnreadableFile */
export function hashRegularFile(canonicalPath: string, maxBytes: number): Promise<FileHash> {
  return scanRegularFile(canonicalPath, maxBytes, () => {});
}

/**
 * The same, for a file that need not be held whole.
 * @param take gets it, piece by piece
 * @throws UnreadableFile
 */
export async function scanRegularFile(
  canonicalPath: string,
  maxBytes: number,
  take: (chunk: Buffer) => void,
): Promise<FileHash> {
  const descriptor = await open(canonicalPath, OPEN_WITHOUT_LINK);
  using _ = closing(descriptor);
  requireSamePlace(descriptor, canonicalPath);
  const stat = fstatSync(descriptor);
  if (!stat.isFile()) throw new UnreadableFile("it is not a regular file");
  const { size } = stat;
  if (size > maxBytes) throw new UnreadableFile(`it has ${size} bytes, at most ${maxBytes} are read`);
  return await readAll(descriptor, size, maxBytes, take);
}

/** Waits a little where another program has it to itself, as scanners of viruses on Windows have what has just been written. */
async function open(path: string, flags: number): Promise<number> {
  for (let triesLeft = MOST_TRIES; ; triesLeft--) {
    const { descriptor, code } = tryToOpen(path, flags);
    if (descriptor !== undefined) return descriptor;
    if (code !== HELD) throw new UnreadableFile(`it cannot be opened (${code})`);
    if (triesLeft === 0) throw new UnreadableFile(`it cannot be opened: another program has held it for ${HELD_FOR}`);
    if (triesLeft === MOST_TRIES) log("warn", `${path} is held by another program: it is tried again for ${HELD_FOR}`);
    await setTimeout(BETWEEN_TRIES_MS);
  }
}

function tryToOpen(path: string, flags: number): { descriptor?: number; code?: string } {
  try {
    return { descriptor: openSync(path, flags) };
  } catch (error) {
    throwIfExhausted(error);
    return { code: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

/**
 * A directory on the way may have been swapped for a link since the path was resolved. That the file was replaced once
 * it was open does no harm, and is what an installer does.
 */
function requireSamePlace(descriptor: number, canonicalPath: string): void {
  const opened = placeOf(descriptor, canonicalPath);
  if (opened !== canonicalPath) throw new UnreadableFile(`it was swapped while it was opened (now ${opened})`);
}

/** @param size how long it is, most likely */
async function readAll(
  descriptor: number,
  size: number,
  maxBytes: number,
  take: (chunk: Buffer) => void,
): Promise<FileHash> {
  const hash = createHash("sha256");
  for (let total = 0; ; ) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(Math.max(size - total, 0) + 1, CHUNK_BYTES));
    const chunk = buffer.subarray(0, readSync(descriptor, buffer));
    if (chunk.length === 0) break;
    total += chunk.length;
    if (total > maxBytes) throw new UnreadableFile(`it grew beyond ${maxBytes} bytes while it was read`);
    hash.update(chunk);
    take(chunk);
    if (chunk.length === CHUNK_BYTES) await setImmediate();
  }
  return { integrity: `sha256-${hash.digest("base64")}` };
}
