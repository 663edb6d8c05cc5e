// Owns reading a file that nobody has vouched for: bounded, regular files only, hashed as it is read.

import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync, realpathSync } from "node:fs";
import { throwIfExhausted } from "../carrier/exhaustion.ts";
import { pathOf } from "../carrier/linux/nameless-file.ts";

/** Others have their turn after so much was read. */
const CHUNK_BYTES = 256 * 1024;
/** What the system adds to the name of an open file that has been deleted or replaced (proc(5)). */
const DELETED = " (deleted)";

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
  // Neither a link put there since the path was resolved, nor a FIFO that blocks its reader.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const descriptor = open(canonicalPath, flags);
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
  const opened = pathOfOpen(descriptor) ?? pathIfSame(descriptor, canonicalPath);
  if (opened !== canonicalPath && opened !== canonicalPath + DELETED)
    throw new UnreadableFile(`it was swapped while it was opened (now ${opened})`);
}

/** Where it lies by now; undefined where there is no /proc to say so. */
function pathOfOpen(descriptor: number): string | undefined {
  try {
    return readlinkSync(pathOf(descriptor));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The path, where it still leads to what is open, without a link. */
function pathIfSame(descriptor: number, canonicalPath: string): string {
  const [opened, there] = [fstatSync(descriptor), lstatSync(canonicalPath, { throwIfNoEntry: false })];
  const isSame = opened.dev === there?.dev && opened.ino === there.ino && realpathSync(canonicalPath) === canonicalPath;
  return isSame ? canonicalPath : "elsewhere";
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
