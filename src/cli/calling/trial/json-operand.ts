// Values of options that are JSON objects: as they are typed, in a file, or on stdin.

import { readFileSync } from "node:fs";
import { readAll } from "#platform/streams/blocking-io";
import { RawJson } from "../../../../protocol/raw.ts";
import { messageOf } from "../../../base/failures.ts";
import { DocumentError, readDocument } from "../../../json/document.ts";
import { type ParsedOptions, UsageError } from "../../options.ts";

const STDIN = 0;

/** @returns `{}` where the option is not given @throws UsageError unless it holds a JSON object */
export function objectOption(options: ParsedOptions, name: string): RawJson {
  const value = options.value(name);
  if (value === undefined) return RawJson.from({});
  try {
    const document = readDocument(readOperand(value, name));
    if (document.isObject) return document;
  } catch (error) {
    if (error instanceof DocumentError) throw new UsageError(`--${name} is ${error.message}; a JSON object is needed`);
    throw error;
  }
  throw new UsageError(`--${name} is not a JSON object`);
}

function readOperand(value: string, name: string): Buffer {
  const isStdin = value === "-";
  if (!isStdin && !value.startsWith("@")) return Buffer.from(value);
  try {
    return isStdin ? readAll(STDIN) : readFileSync(value.slice(1));
  } catch (error) {
    throw new UsageError(`--${name}: ${messageOf(error)}`);
  }
}
