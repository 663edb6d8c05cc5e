// Owns reading a file that nobody has vouched for: bounded, regular files only, hashed as it is read.

import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { OPEN_WITHOUT_LINK, placeOf } from "#carrier/opened-file";
import { throwIfExhausted } from "../carrier/exhaustion.ts";

/** Others have their turn after so much was read. */
const CHUNK_BYTES = 256 * 1024;

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
  const descriptor = open(canonicalPath, OPEN_WITHOUT_LINK);
  try {
    requireSamePlace(descriptor, canonicalPath);
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new UnreadableFile("it is not a regular file");
    const { size } = stat;
    if (size > maxBytes) throw new UnreadableFile(`it has ${size} bytes, at most ${maxBytes} are read`);
    return await readAll(descriptor, size, maxBytes, take);
  } finally {
    closeSync(descriptor);
  }
}

function open(path: string, flags: number): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    throwIfExhausted(error);
    throw new UnreadableFile(`it cannot be opened (${(error as NodeJS.ErrnoException).code})`);
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
    if (chunk.length === CHUNK_BYTES) await new Promise((resolve) => setImmediate(resolve));
  }
  return { integrity: `sha256-${hash.digest("base64")}` };
}
