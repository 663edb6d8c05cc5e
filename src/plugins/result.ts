// Owns the check of what vtcode_plugin_execute returned (A4, E8). The text is checked, never written anew (M5).

import { DlrpcError } from "../../protocol/errors.ts";
import { RawJson } from "../../protocol/raw.ts";
import { DocumentError, excerpt, scanWhole } from "../json/document.ts";
import { unportable } from "../json/portable.ts";
import { scanArray, scanObject, skipValue } from "../json/scan.ts";
import { Scanner } from "../json/scanner/scanner.ts";

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const T = 0x74;
const F = 0x66;
const N = 0x6e;

const NULL_ERROR = Buffer.from(',"error":null}');

const members = ["success", "output", "error", "files"] as const;
const [SUCCESS, OUTPUT, ERROR, FILES] = [0, 1, 2, 3] as const;
const scanner = new Scanner(members);

/**
 * Checks that the bytes are a result document, and adds the member `error` where it is missing (A4).
 * @param portable whether what not every parser reads is refused (M13)
 * @returns the document; valid as long as the bytes
 * @throws DlrpcError INVALID_RESULT
 */
export function checkResult(bytes: Uint8Array, portable = false): RawJson {
  const { start, end } = scan(bytes);
  if (bytes[start] !== OPEN_BRACE) throw invalidResult("not a JSON object", bytes);
  const found = scanner.hasEscapedNames ? walked(bytes, start) : scanned(bytes);
  const wrong = mistakes(found);
  if (wrong.length > 0) throw invalidResult(wrong.join("; "), bytes);
  const problem = portable ? unportable(bytes) : undefined;
  if (problem !== undefined) throw invalidResult(`not portable (--portable-json): ${problem}`, bytes);
  if (found.error !== undefined) return new RawJson(bytes.subarray(start, end));
  return new RawJson(Buffer.concat([bytes.subarray(start, end - 1), NULL_ERROR]));
}

/** @returns where the value begins and ends @throws DlrpcError INVALID_RESULT where it is no JSON text */
function scan(bytes: Uint8Array): ReturnType<typeof scanWhole> {
  try {
    return scanWhole(bytes, scanner);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw invalidResult(error.message, bytes);
  }
}

/** The first byte of each member's value, which tells its type; undefined where it is missing. */
interface Found {
  success: number | undefined;
  output: number | undefined;
  error: number | undefined;
  files: number | undefined;
  filesAreStrings: boolean;
}

function scanned(bytes: Uint8Array): Found {
  const first = (member: number) => (scanner.end(member) === 0 ? undefined : bytes[scanner.start(member)]);
  return {
    success: first(SUCCESS),
    output: first(OUTPUT),
    error: first(ERROR),
    files: first(FILES),
    filesAreStrings: scanner.hasOnlyStrings(FILES),
  };
}

/** As `scanned`, for members whose names are written with escapes; of a name given twice the last counts. */
function walked(bytes: Uint8Array, start: number): Found {
  const found: Found = {
    success: undefined,
    output: undefined,
    error: undefined,
    files: undefined,
    filesAreStrings: true,
  };
  scanObject(bytes, start, (key, at) => {
    const member = members.find((name) => name === key);
    if (member !== undefined) found[member] = bytes[at];
    if (member !== "files" || bytes[at] !== OPEN_BRACKET) return skipValue(bytes, at);
    found.filesAreStrings = true;
    return scanArray(bytes, at, (element) => {
      found.filesAreStrings &&= bytes[element] === QUOTE;
      return skipValue(bytes, element);
    });
  });
  return found;
}

function mistakes({ success, output, error, files, filesAreStrings }: Found): string[] {
  const list: string[] = [];
  if (success === undefined) list.push("`success` is missing (a boolean)");
  else if (success !== T && success !== F) list.push("`success` is not a boolean");
  if (output === undefined) list.push("`output` is missing (an object)");
  else if (output !== OPEN_BRACE) list.push("`output` is not an object");
  if (files === undefined) list.push("`files` is missing (an array of strings)");
  else if (files !== OPEN_BRACKET || !filesAreStrings) list.push("`files` is not an array of strings");
  if (error !== undefined && error !== QUOTE && error !== N) list.push("`error` is neither a string nor null");
  return list;
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

/** @param what was wrong: the beginning of the sentence */
export function invalidResult(
  problem: string,
  bytes: Uint8Array = new Uint8Array(),
  what = "vtcode_plugin_execute() returned an invalid result",
): DlrpcError {
  return new DlrpcError("INVALID_RESULT", `${what}: ${problem}`, {
    problem,
    ...(bytes.length > 0 && { excerpt: excerpt(bytes) }),
  });
}
