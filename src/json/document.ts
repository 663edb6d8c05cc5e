// Owns the check that bytes from outside are one JSON document: the encoding, then the form.

import { isUtf8 } from "node:buffer";
import { RawJson } from "../../protocol/raw.ts";
import { JsonSyntaxError, scanDocument } from "./scan.ts";

const EXCERPT_BYTES = 200;

/** Bytes that are not a JSON document; the message says what is wrong and where. */
export class DocumentError extends Error {}

/** @throws DocumentError */
export function readDocument(bytes: Uint8Array): RawJson {
  if (!isUtf8(bytes)) throw new DocumentError("not UTF-8");
  try {
    const { start, end } = scanDocument(bytes);
    return new RawJson(bytes.subarray(start, end));
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new DocumentError(`not JSON: ${error.message}`);
    throw error;
  }
}

/** The beginning of bytes that are no use, for people. */
export function excerpt(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, EXCERPT_BYTES)).toString("utf8");
  return bytes.length > EXCERPT_BYTES ? `${text}…` : text;
}
