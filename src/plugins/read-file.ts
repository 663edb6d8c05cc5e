// Owns reading a file that nobody has vouched for: bounded, regular files only, hashed as it is read.

import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, readlink } from "node:fs/promises";

const CHUNK_BYTES = 1024 * 1024;
/** What the system adds to the name of an open file that has been deleted or replaced (proc(5)). */
const DELETED = " (deleted)";

/** Why a file was not read: what was found and what is needed, without the path. */
export class UnreadableFile extends Error {}

export interface FileContent {
  bytes: Buffer;
  /** `sha256-<base64>` of exactly these bytes, as in web pages (Subresource Integrity). */
  integrity: string;
}

/**
 * Reads the file at a canonical path. What is returned is one reading: nothing that happens to the file afterwards
 * changes what was checked (T4).
 * @throws UnreadableFile
 */
export async function readRegularFile(canonicalPath: string, maxBytes: number): Promise<FileContent> {
  // Neither a link put there since the path was resolved, nor a FIFO that blocks its reader.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(canonicalPath, flags).catch((error: NodeJS.ErrnoException) => {
    throw new UnreadableFile(`it cannot be opened (${error.code})`);
  });
  try {
    await requireSamePlace(file, canonicalPath);
    const { size } = await requireRegular(file);
    if (size > maxBytes) throw new UnreadableFile(`it has ${size} bytes, at most ${maxBytes} are read`);
    return await readAll(file, maxBytes);
  } finally {
    await file.close();
  }
}

/**
 * A directory on the way may have been swapped for a link since the path was resolved. That the file was replaced once
 * it was open does no harm, and is what an installer does.
 */
async function requireSamePlace(file: FileHandle, canonicalPath: string): Promise<void> {
  const opened = await readlink(`/proc/self/fd/${file.fd}`);
  if (opened !== canonicalPath && opened !== canonicalPath + DELETED)
    throw new UnreadableFile(`it was swapped while it was opened (now ${opened})`);
}

async function requireRegular(file: FileHandle): Promise<{ size: number }> {
  const stat = await file.stat();
  if (!stat.isFile()) throw new UnreadableFile("it is not a regular file");
  return stat;
}

async function readAll(file: FileHandle, maxBytes: number): Promise<FileContent> {
  const hash = createHash("sha256");
  const chunks: Buffer[] = [];
  for (let total = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES));
    if (bytesRead === 0) break;
    total += bytesRead;
    if (total > maxBytes) throw new UnreadableFile(`it grew beyond ${maxBytes} bytes while it was read`);
    const chunk = buffer.subarray(0, bytesRead);
    hash.update(chunk);
    chunks.push(chunk);
  }
  return { bytes: Buffer.concat(chunks), integrity: `sha256-${hash.digest("base64")}` };
}
