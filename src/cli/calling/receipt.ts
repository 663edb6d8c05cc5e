// Reading a receipt (R2): it decides what runs, and is believed only where nobody but its owner could have written it.

import { fstatSync, openSync, readFileSync } from "node:fs";
import { OPEN_WITHOUT_LINK } from "#platform/files/opened-file";
import { changeableByOthers } from "#platform/files/permissions";
import { RawJson } from "../../../protocol/raw.ts";
import { Receipt } from "../../../protocol/receipt.ts";
import { closing } from "../../base/closing.ts";
import { messageOf } from "../../base/failures.ts";
import { type Context, composeContext } from "../../calls/context.ts";
import { DocumentError, readDocument } from "../../json/document.ts";
import { textsOf } from "../../json/members.ts";
import { judge, listIssues } from "../../json/schema.ts";
import { MOST_RECEIPT_BYTES } from "../../observe/receipt-directory.ts";
import { CommandError } from "../options.ts";

export interface ReadReceipt {
  readonly receipt: Receipt;
  /** What the plugin was given, as it was written. */
  readonly context: Context;
}

/** @throws CommandError why it is none, or not to be believed */
export function readReceipt(path: string): ReadReceipt {
  const document = documentOf(path, readOwnFile(path));
  const judged = judge(Receipt, document.parse());
  if ("issues" in judged) throw noReceipt(path, listIssues(judged.issues));
  const context = textsOf(textsOf(document.bytes).get("context") as Uint8Array);
  const text = (name: string) => new RawJson(context.get(name) as Uint8Array);
  const { workspace_root: root } = judged.data.context;
  return { receipt: judged.data, context: composeContext(text("input"), root, text("config")) };
}

function readOwnFile(path: string): Buffer {
  let file: number;
  try {
    file = openSync(path, OPEN_WITHOUT_LINK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ELOOP")
      throw new CommandError(`${path} is a symbolic link, which others may turn elsewhere; name the receipt itself`);
    throw new CommandError(`the receipt cannot be opened: ${messageOf(error)}`);
  }
  using _ = closing(file);
  const found = fstatSync(file);
  if (!found.isFile()) throw noReceipt(path, "it is no regular file");
  const exposure = changeableByOthers(file, path);
  if (exposure !== undefined) {
    const remedy = "look at it, and copy it to make it yours";
    throw new CommandError(`${path} ${exposure.found}, and so others decide what it runs; ${remedy}`);
  }
  if (found.size > MOST_RECEIPT_BYTES)
    throw noReceipt(path, `it has ${found.size} bytes, at most ${MOST_RECEIPT_BYTES} are read`);
  return readWhole(path, file);
}

function readWhole(path: string, file: number): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${messageOf(error)}`);
  }
}

function documentOf(path: string, bytes: Buffer): RawJson {
  try {
    const document = readDocument(bytes);
    if (document.isObject) return document;
  } catch (error) {
    if (error instanceof DocumentError) throw noReceipt(path, error.message);
    throw error;
  }
  throw noReceipt(path, "it holds no JSON object");
}

function noReceipt(path: string, why: string): CommandError {
  return new CommandError(`${path} is no receipt of --record: ${why}`);
}
