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

const EMPTY_ARRAY = "[]";
const NULL_ERROR = Buffer.from(',"error":null}');

/** What is taken of what a plugin says. */
export interface ResultRules {
  /** The longest string. */
  readonly maxBytes: number;
  /** Whether what not every parser reads is refused (M13). */
  readonly portable: boolean;
}

const members = ["success", "output", "error", "files"] as const;
const [SUCCESS, OUTPUT, ERROR, FILES] = [0, 1, 2, 3] as const;
const scanner = new Scanner(members);

/**
 * Checks that the bytes are a result document, and adds the member `error` where it is missing (A4).
 * @param portable whether what not every parser reads is refused (M13)
 * @returns the document; valid as long as the bytes
 * @throws DlrpcError INVALID_RESULT
 */
export function checkResult(bytes: Uint8Array, portable = false): CheckedResult {
  const { start, end } = scan(bytes);
  if (bytes[start] !== OPEN_BRACE) throw invalidResult("not a JSON object", bytes);
  const found = scanner.hasEscapedNames ? walked(bytes, start) : scanned();
  if (!isRight(found, bytes)) throw invalidResult(mistakes(found, bytes).join("; "), bytes);
  const problem = portable ? unportable(bytes) : undefined;
  if (problem !== undefined) throw invalidResult(`not portable (--portable-json): ${problem}`, bytes);
  if (found.error !== 0) {
    const isAll = start === 0 && end === bytes.length;
    return new CheckedResult(isAll ? bytes : bytes.subarray(start, end), start, found);
  }
  return new CheckedResult(Buffer.concat([bytes.subarray(start, end - 1), NULL_ERROR]), start, found);
}

/** A result document that was checked, and what is in it. */
export class CheckedResult extends RawJson {
  private readonly found: Found;
  /** Where the bytes begin in which the members were found. */
  private readonly from: number;

  constructor(bytes: Uint8Array, from: number, found: Found) {
    super(bytes);
    this.from = from;
    this.found = found;
  }

  get isSuccess(): boolean {
    return this.bytes[this.found.success - this.from] === T;
  }

  get output(): RawJson {
    return this.text(this.found.output, this.found.outputEnd);
  }

  get error(): string | null {
    const { error, errorEnd } = this.found;
    if (error === 0 || this.bytes[error - this.from] === N) return null;
    return this.text(error, errorEnd).parse() as string;
  }

  get files(): readonly string[] {
    const { files, filesEnd } = this.found;
    return filesEnd - files === EMPTY_ARRAY.length ? [] : (this.text(files, filesEnd).parse() as string[]);
  }

  private text(start: number, end: number): RawJson {
    return new RawJson(this.bytes.subarray(start - this.from, end - this.from));
  }
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

/** Where each member's value begins, and ends where that matters; 0 where it is missing. */
interface Found {
  success: number;
  output: number;
  outputEnd: number;
  error: number;
  errorEnd: number;
  files: number;
  filesEnd: number;
  filesAreStrings: boolean;
}

function scanned(): Found {
  return {
    success: scanner.start(SUCCESS),
    output: scanner.start(OUTPUT),
    outputEnd: scanner.end(OUTPUT),
    error: scanner.start(ERROR),
    errorEnd: scanner.end(ERROR),
    files: scanner.start(FILES),
    filesEnd: scanner.end(FILES),
    filesAreStrings: scanner.hasOnlyStrings(FILES),
  };
}

/** As `scanned`, for members whose names are written with escapes; of a name given twice the last counts. */
function walked(bytes: Uint8Array, start: number): Found {
  const found: Found = {
    ...{ success: 0, output: 0, outputEnd: 0, error: 0, errorEnd: 0, files: 0, filesEnd: 0 },
    filesAreStrings: true,
  };
  scanObject(bytes, start, (key, at) => {
    const end = skipValue(bytes, at);
    if (key === "success") found.success = at;
    else if (key === "output") [found.output, found.outputEnd] = [at, end];
    else if (key === "error") [found.error, found.errorEnd] = [at, end];
    else if (key === "files") {
      [found.files, found.filesEnd] = [at, end];
      found.filesAreStrings = true;
      if (bytes[at] !== OPEN_BRACKET) return end;
      scanArray(bytes, at, (element) => {
        found.filesAreStrings &&= bytes[element] === QUOTE;
        return skipValue(bytes, element);
      });
    }
    return end;
  });
  return found;
}

/** Whether there are no `mistakes`. */
function isRight({ success, output, error, files, filesAreStrings }: Found, bytes: Uint8Array): boolean {
  return (
    (isAt(bytes, success, T) || isAt(bytes, success, F)) &&
    isAt(bytes, output, OPEN_BRACE) &&
    isAt(bytes, files, OPEN_BRACKET) &&
    filesAreStrings &&
    (error === 0 || isAt(bytes, error, QUOTE) || isAt(bytes, error, N))
  );
}

/** @param at 0: nowhere */
function isAt(bytes: Uint8Array, at: number, byte: number): boolean {
  return at !== 0 && bytes[at] === byte;
}

/** At least one where it is not right. */
function mistakes(found: Found, bytes: Uint8Array): string[] {
  const first = (at: number) => (at === 0 ? undefined : bytes[at]);
  const success = first(found.success);
  const output = first(found.output);
  const error = first(found.error);
  const files = first(found.files);
  const list: string[] = [];
  if (success === undefined) list.push("`success` is missing (a boolean)");
  else if (success !== T && success !== F) list.push("`success` is not a boolean");
  if (output === undefined) list.push("`output` is missing (an object)");
  else if (output !== OPEN_BRACE) list.push("`output` is not an object");
  if (files === undefined) list.push("`files` is missing (an array of strings)");
  else if (files !== OPEN_BRACKET || !found.filesAreStrings) list.push("`files` is not an array of strings");
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
