// Reading what a .zip says of its files, in the directory at its end and beside each (PKWARE's APPNOTE.TXT, 4.3).

import { readSync } from "node:fs";

/** Why a .zip is not read, as the end of a sentence that begins with its name. */
export class ZipError extends Error {}

export interface ZipEntry {
  readonly name: string;
  /** As Linux has it, with the file's kind; 0 where the archive was made elsewhere. */
  readonly mode: number;
  readonly isDeflated: boolean;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  /** Of the header beside the file. */
  readonly offset: number;
}

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
/** As much as some ten thousand names need, and more than that. */
const LONGEST_DIRECTORY = 16 * 1024 * 1024;
const ELSEWHERE_16 = 0xffff;
const ELSEWHERE_32 = 0xffffffff;
const ENCRYPTED = 1 << 0;
const UTF8_NAME = 1 << 11;
const STORED = 0;
const DEFLATED = 8;
const UNIX = 3;
const DAMAGED = "is damaged or cut off";

/** @param size of the archive @throws ZipError */
export function readZipDirectory(descriptor: number, size: number): ZipEntry[] {
  const { count, bytes, offset } = readEnd(descriptor, size);
  const directory = readAt(descriptor, offset, bytes);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_BYTES > directory.length || directory.readUInt32LE(at) !== ENTRY_SIGNATURE) throw damaged();
    const [name, extra, comment] = [28, 30, 32].map((place) => directory.readUInt16LE(at + place)) as [
      number,
      number,
      number,
    ];
    const next = at + ENTRY_BYTES + name + extra + comment;
    if (next > directory.length) throw damaged();
    entries.push(entryOf(directory.subarray(at, next), name));
    at = next;
  }
  if (at !== directory.length) throw damaged();
  return entries;
}

/** Where a file's bytes begin. @throws ZipError where the header beside them says something else than the directory */
export function dataOffset(descriptor: number, { name, offset, isDeflated }: ZipEntry): number {
  const header = readAt(descriptor, offset, LOCAL_BYTES);
  if (header.readUInt32LE(0) !== LOCAL_SIGNATURE) throw damaged();
  const [nameBytes, extra] = [header.readUInt16LE(26), header.readUInt16LE(28)];
  const ownName = readAt(descriptor, offset + LOCAL_BYTES, nameBytes);
  const isSame = ownName.toString() === name && header.readUInt16LE(8) === (isDeflated ? DEFLATED : STORED);
  if (!isSame) throw new ZipError("says two things of one of its files; pack it again");
  return offset + LOCAL_BYTES + nameBytes + extra;
}

/** Behind it there may be a comment. */
function readEnd(descriptor: number, size: number): { count: number; bytes: number; offset: number } {
  const length = Math.min(size, END_BYTES + LONGEST_COMMENT);
  const tail = readAt(descriptor, size - length, length);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE || at + END_BYTES + tail.readUInt16LE(at + 20) !== tail.length)
      continue;
    const [disk, firstDisk, here, count] = [4, 6, 8, 10].map((place) => tail.readUInt16LE(at + place));
    const [bytes, offset] = [tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
    if (count === ELSEWHERE_16 || bytes === ELSEWHERE_32 || offset === ELSEWHERE_32) throw tooLarge();
    if (disk !== 0 || firstDisk !== 0 || here !== count)
      throw new ZipError("is one of several parts; one file is needed");
    if (bytes > LONGEST_DIRECTORY) throw new ZipError("has too many files to be a plugin");
    if (offset + bytes > size - length + at) throw damaged();
    return { count: count ?? 0, bytes, offset };
  }
  throw damaged();
}

function entryOf(entry: Buffer, nameBytes: number): ZipEntry {
  const nameInBytes = entry.subarray(ENTRY_BYTES, ENTRY_BYTES + nameBytes);
  const name = nameInBytes.toString();
  const [flags, method] = [entry.readUInt16LE(8), entry.readUInt16LE(10)];
  const [crc, packedBytes, bytes] = [16, 20, 24].map((place) => entry.readUInt32LE(place)) as [number, number, number];
  const offset = entry.readUInt32LE(42);
  if ((flags & ENCRYPTED) !== 0) throw new ZipError("is encrypted; pack it without a password");
  if (packedBytes === ELSEWHERE_32 || bytes === ELSEWHERE_32 || offset === ELSEWHERE_32) throw tooLarge();
  if (method !== STORED && method !== DEFLATED) {
    throw new ZipError(`is compressed in a way that is not known here (${method}); pack it with Deflate`);
  }
  if (method === STORED && packedBytes !== bytes) throw damaged();
  const isPlain = nameInBytes.every((byte) => byte < 0x80);
  if (!isPlain && (flags & UTF8_NAME) === 0)
    throw new ZipError("has names that are not said to be UTF-8; pack it again");
  const mode = entry.readUInt8(5) === UNIX ? entry.readUInt32LE(38) >>> 16 : 0;
  return { name, mode, isDeflated: method === DEFLATED, crc, packedBytes, bytes, offset };
}

function readAt(descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const read = readSync(descriptor, bytes, at, length - at, offset + at);
    if (read === 0) throw damaged();
    at += read;
  }
  return bytes;
}

function damaged(): ZipError {
  return new ZipError(`${DAMAGED}; fetch it again`);
}

function tooLarge(): ZipError {
  return new ZipError("needs Zip64, as archives of more than 4 GiB or 65535 files do; plugins are smaller");
}
