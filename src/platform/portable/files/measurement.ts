// Owns measuring what is in a directory that a plugin fills, a piece at a time: dlrpc has other plugins to serve.

import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import { type Contents, inTurn } from "../../both-halves/files/contents.ts";
import { system } from "../program/system.ts";

const BLOCK_BYTES = 512;

/**
 * Measures it when all that began earlier are done, at least as far as one is above what `most` has.
 * @returns rejects with an Error that says why it cannot be measured
 */
export function measure(path: string, most: Contents): Promise<Contents> {
  return inTurn(() => contentsOf(path, most));
}

async function contentsOf(path: string, most: Contents): Promise<Contents> {
  const found = { entries: 0, bytes: 0, levels: 0 };
  const directories = [{ path, level: 0 }];
  for (let next = directories.pop(); next !== undefined; next = directories.pop()) {
    for await (const entry of await opendir(next.path)) {
      const inside = join(next.path, entry.name);
      found.entries++;
      found.bytes += await bytesOf(inside);
      if (entry.isDirectory()) {
        found.levels = Math.max(found.levels, next.level + 1);
        directories.push({ path: inside, level: next.level + 1 });
      }
      if (found.entries > most.entries || found.bytes > most.bytes || found.levels > most.levels) return found;
    }
  }
  return found;
}

/** 0 of what has gone meanwhile; Windows does not say how much room a file takes. */
async function bytesOf(path: string): Promise<number> {
  try {
    const { blocks, size, nlink } = await lstat(path);
    return (system === "windows" ? size : blocks * BLOCK_BYTES) / Math.max(nlink, 1);
  } catch {
    return 0;
  }
}
