// The outer form of minisign's files: lines of text, of which some are base64, and what these begin with.

import { isUtf8 } from "node:buffer";

/** Of keys; of signatures it is the form that is not prehashed. */
export const ALGORITHM = "Ed";
export const ALGORITHM_BYTES = 2;
/** A key's number. */
export const ID_BYTES = 8;
export const UNTRUSTED_COMMENT = "untrusted comment: ";

/** Why a key or a signature is of no use, as the end of a sentence that begins with its file. */
export class SigningError extends Error {}

/** The lines of a file, ended by LF or CR LF; the last need not be ended. Blank ones at the end do not count. @throws SigningError */
export function readLines(bytes: Uint8Array): string[] {
  if (!isUtf8(bytes)) throw new SigningError("it is not text in UTF-8");
  const lines = Buffer.from(bytes).toString("utf8").split(/\r?\n/);
  while (lines.at(-1)?.trim() === "") lines.pop();
  return lines;
}

/** @param what the line, for the message @throws SigningError unless the line begins so; @returns what follows */
export function requirePrefix(line: string | undefined, prefix: string, what: string): string {
  if (line === undefined) throw new SigningError(`it ends before its ${what}`);
  if (!line.startsWith(prefix)) throw new SigningError(`its ${what} does not begin with \`${prefix}\``);
  return line.slice(prefix.length);
}

/**
 * Decodes a line that must be canonical base64: Node's own decoder skips over whatever is none.
 * @throws SigningError
 */
export function requireBase64(line: string | undefined, byteLength: number, what: string): Buffer {
  if (line === undefined) throw new SigningError(`it ends before its ${what}`);
  const bytes = Buffer.from(line, "base64");
  if (bytes.toString("base64") !== line) throw new SigningError(`its ${what} is not base64`);
  if (bytes.length === byteLength) return bytes;
  throw new SigningError(`its ${what} has ${bytes.length} bytes, ${byteLength} are needed`);
}

/** @throws SigningError where a file has more lines than its kind has */
export function requireNoMore(lines: readonly string[], count: number): void {
  if (lines.length > count) throw new SigningError(`it has ${lines.length} lines, ${count} are needed`);
}

/** The bytes in the file of a key: a comment, and they in base64. @throws SigningError */
export function readKeyFile(file: Uint8Array, byteLength: number): Buffer {
  const lines = readLines(file);
  requirePrefix(lines[0], UNTRUSTED_COMMENT, "first line");
  const bytes = requireBase64(lines[1], byteLength, "second line");
  requireNoMore(lines, 2);
  return bytes;
}

/** The file that `readKeyFile` reads. */
export function keyFile(comment: string, parts: readonly Uint8Array[]): string {
  return `${UNTRUSTED_COMMENT}${comment}\n${Buffer.concat(parts).toString("base64")}\n`;
}

/** The number of a key as minisign shows it: 16 hexadecimal digits. */
export function keyIdText(id: Uint8Array): string {
  return Buffer.from(id).reverse().toString("hex").toUpperCase();
}

/** What public keys and signatures begin with, and what follows. */
export function readKeyed(bytes: Buffer): { algorithm: string; id: Buffer; rest: Buffer } {
  const end = ALGORITHM_BYTES + ID_BYTES;
  const algorithm = bytes.toString("latin1", 0, ALGORITHM_BYTES);
  return { algorithm, id: bytes.subarray(ALGORITHM_BYTES, end), rest: bytes.subarray(end) };
}
