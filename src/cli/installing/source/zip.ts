// A .zip as a source.

import { constants } from "node:fs";
import { pipeline } from "node:stream/promises";
import { crc32, createInflateRaw } from "node:zlib";
import type { PackageNames } from "./names.ts";
import { pieces } from "./pieces.ts";
import type { StagedTree } from "./staged-tree.ts";
import { dataOffset, readZipDirectory, type ZipEntry, ZipError } from "./zip-directory.ts";

const KINDS: Readonly<Record<number, string>> = {
  [constants.S_IFLNK]: "a symbolic link",
  [constants.S_IFCHR]: "a device",
  [constants.S_IFBLK]: "a device",
  [constants.S_IFIFO]: "a FIFO",
};
const NO_KIND = 0;

/**
 * @param descriptor of the archive
 * @param size how long that is
 * @param onBytes is told how many of its bytes were read
 * @throws CommandError for what is damaged, and for what must not be in it
 */
export async function stageZip(
  descriptor: number,
  size: number,
  tree: StagedTree,
  names: PackageNames,
  onBytes: (bytes: number) => void,
): Promise<void> {
  try {
    const entries = readZipDirectory(descriptor, size);
    for (const entry of entries) {
      const kind = entry.mode & constants.S_IFMT;
      if (entry.name.endsWith("/") || kind === constants.S_IFDIR) tree.directory(entry.name);
      else if (kind !== NO_KIND && kind !== constants.S_IFREG) {
        throw names.unfit(entry.name, KINDS[kind] ?? "of a kind that is not known");
      } else await stageFile(descriptor, entry, tree, names);
      onBytes(entry.packedBytes);
    }
  } catch (error) {
    throw error instanceof ZipError ? names.refusal(error.message) : error;
  }
}

async function stageFile(descriptor: number, entry: ZipEntry, tree: StagedTree, names: PackageNames): Promise<void> {
  const { name, mode, isDeflated, packedBytes, bytes, crc } = entry;
  const start = dataOffset(descriptor, entry);
  names.take(bytes);
  using file = tree.file(name, (mode & constants.S_IXUSR) !== 0);
  if (file === undefined) return;
  const damaged = (what: string) => names.refusal(`is damaged or cut off: \`${name}\` ${what}; fetch it again`);
  let [found, sum] = [0, 0];
  const receive = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      found += chunk.length;
      if (found > bytes) throw damaged(`has more than the ${bytes} bytes that it is said to have`);
      sum = crc32(chunk, sum);
      file.write(chunk);
    }
  };
  const packed = pieces(descriptor, start, start + packedBytes);
  try {
    if (isDeflated) await pipeline(packed, createInflateRaw(), receive);
    else await pipeline(packed, receive);
  } catch (error) {
    const isOfZlib = error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
    throw isOfZlib ? damaged(`cannot be unpacked (${error.message})`) : error;
  }
  if (found !== bytes) throw damaged(`has ${found} bytes, not the ${bytes} that it is said to have`);
  if (sum !== crc) throw damaged("has another checksum than it is said to have");
  file.finish();
}
