// Owns the check of what vtcode_plugin_execute returned (A4, E8). The text is checked, never written anew (M5).

import { isUtf8 } from "node:buffer";
import { DlrpcError } from "../../protocol/errors.ts";
import { RawJson } from "../../protocol/raw.ts";
import { DocumentError, excerpt, readDocument } from "../json/document.ts";
import { JsonSyntaxError, requireEnd, scanArray, scanObject, skipSpace, skipValue } from "../json/scan.ts";

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const T = 0x74;
const F = 0x66;
const N = 0x6e;

const NULL_ERROR = Buffer.from(',"error":null}');

/**
 * Checks that the bytes are a result document, and adds the member `error` where it is missing (A4).
 * @throws DlrpcError INVALID_RESULT
 */
export function checkResult(bytes: Uint8Array): RawJson {
  if (!isUtf8(bytes)) throw invalidResult("not UTF-8", bytes);
  const start = skipSpace(bytes, 0);
  if (bytes[start] !== OPEN_BRACE) throw invalidResult(whyNoObject(bytes), bytes);

  // What each member must be, until it was found to be so; of a name given twice the last counts, as in JSON.parse.
  const wrong = new Map([
    ["success", "`success` is missing (a boolean)"],
    ["output", "`output` is missing (an object)"],
    ["files", "`files` is missing (an array of strings)"],
  ]);
  let hasError = false;
  const visit = (key: string, at: number): number => {
    const first = bytes[at];
    switch (key) {
      case "success":
        settle(wrong, key, first === T || first === F, "`success` is not a boolean");
        return skipValue(bytes, at);
      case "output":
        settle(wrong, key, first === OPEN_BRACE, "`output` is not an object");
        return skipValue(bytes, at);
      case "error":
        hasError = true;
        settle(wrong, key, first === QUOTE || first === N, "`error` is neither a string nor null");
        return skipValue(bytes, at);
      case "files": {
        let strings = first === OPEN_BRACKET;
        const end = strings
          ? scanArray(bytes, at, (element) => {
              strings &&= bytes[element] === QUOTE;
              return skipValue(bytes, element);
            })
          : skipValue(bytes, at);
        settle(wrong, key, strings, "`files` is not an array of strings");
        return end;
      }
      default:
        return skipValue(bytes, at);
    }
  };
  const end = scanning(bytes, () => scanObject(bytes, start, visit));
  if (wrong.size > 0) throw invalidResult([...wrong.values()].join("; "), bytes);
  if (hasError) return new RawJson(bytes.subarray(start, end));
  return new RawJson(Buffer.concat([bytes.subarray(start, end - 1), NULL_ERROR]));
}

/** Whether `success` is true in a result that was checked. */
export function isSuccess(result: RawJson): boolean {
  let success = false;
  scanObject(result.bytes, 0, (key, at) => {
    if (key === "success") success = result.bytes[at] === T;
    return skipValue(result.bytes, at);
  });
  return success;
}

export function invalidResult(problem: string, bytes: Uint8Array = new Uint8Array()): DlrpcError {
  return new DlrpcError("INVALID_RESULT", `vtcode_plugin_execute() returned an invalid result: ${problem}`, {
    problem,
    ...(bytes.length > 0 && { excerpt: excerpt(bytes) }),
  });
}

/** @throws DlrpcError INVALID_RESULT where the text is not JSON, or goes on behind the object */
function scanning(bytes: Uint8Array, scan: () => number): number {
  try {
    const end = scan();
    requireEnd(bytes, end);
    return end;
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw invalidResult(`not JSON: ${error.message}`, bytes);
    throw error;
  }
}

function whyNoObject(bytes: Uint8Array): string {
  try {
    readDocument(bytes);
    return "not a JSON object";
  } catch (error) {
    if (error instanceof DocumentError) return error.message;
    throw error;
  }
}

function settle(wrong: Map<string, string>, key: string, right: boolean, otherwise: string): void {
  if (right) wrong.delete(key);
  else wrong.set(key, otherwise);
}
