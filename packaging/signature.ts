// Owns taking the signature off Node's executable for Windows: it is Node's alone, and no longer right for what is made
// of it. A wrong signature is worse than none.

import { readFileSync, writeFileSync } from "node:fs";

// Microsoft's PE format: where the header begins, what its optional part is, and which directory names the signature.
const HEADER_OFFSET_AT = 0x3c;
const COFF_BYTES = 24;
const PE32_PLUS = 0x20b;
const DIRECTORIES_AT = 112;
const SIGNATURE_DIRECTORY = 4;

/** @throws Error where the file is no 64-bit PE executable, or its signature is not the last thing in it */
export function removeWindowsSignature(path: string): void {
  const file = readFileSync(path);
  const optionalHeader = file.readUInt32LE(HEADER_OFFSET_AT) + COFF_BYTES;
  if (file.readUInt16LE(optionalHeader) !== PE32_PLUS) throw new Error(`${path} is no 64-bit PE executable`);
  const directory = optionalHeader + DIRECTORIES_AT + SIGNATURE_DIRECTORY * 8;
  const at = file.readUInt32LE(directory);
  const length = file.readUInt32LE(directory + 4);
  if (length === 0) return;
  if (at + length !== file.length) throw new Error(`the signature of ${path} is not at its end`);
  file.fill(0, directory, directory + 8);
  writeFileSync(path, file.subarray(0, at));
}
