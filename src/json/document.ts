// Owns the check that bytes from outside are one JSON document: the encoding, then the form.

import { isUtf8 } from "node:buffer";
import { RawJson } from "../../protocol/raw.ts";
import { JsonSyntaxError, requireEnd, skipSpace } from "./scan.ts";
import { Scanner } from "./scanner/scanner.ts";

const EXCERPT_BYTES = 200;

const scanner = new Scanner();

/** Bytes that are not a JSON document; the message says what is wrong and where. */
export class DocumentError extends Error {}

/** @throws DocumentError */
export function readDocument(bytes: Uint8Array): RawJson {
  const { start, end } = scanWhole(bytes, scanner);
  return new RawJson(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
}

/**
 * Reads all of the bytes as one document.
 * @param scanner knows afterwards what it was to look for
 * @returns where the value begins and ends @throws DocumentError
 */
export function scanWhole(bytes: Uint8Array, scanner: Scanner): { start: number; end: number } {
  try {
    const start = skipSpace(bytes, 0);
    const end = scanner.scan(bytes, start, bytes.length);
    if (end !== bytes.length) requireEnd(bytes, end);
    if (!scanner.isAscii && !isUtf8(bytes)) throw new DocumentError("not UTF-8");
    return { start, end };
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new DocumentError(isUtf8(bytes) ? `not JSON: ${error.message}` : "not UTF-8");
  }
}

/** The beginning of bytes that are no use, for people. */
export function excerpt(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, EXCERPT_BYTES)).toString("utf8");
  return bytes.length > EXCERPT_BYTES ? `${text}…` : text;
}
