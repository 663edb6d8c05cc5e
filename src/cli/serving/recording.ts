// The option that has calls recorded which crash or time out (R1).

import { foreignOwner, writableByOthers } from "#platform/files/permissions";
import { Recorder } from "../../calls/recorder.ts";
import { ReceiptDirectory } from "../../observe/receipt-directory.ts";
import { CommandError, type ParsedOptions } from "../options.ts";

/** @returns undefined where nothing is to be recorded @throws CommandError where it could not be */
export function recorderOf(options: ParsedOptions): Recorder | undefined {
  const path = options.value("record");
  if (path === undefined) return undefined;
  try {
    const directory = new ReceiptDirectory(path);
    const exposure = foreignOwner(directory.path) ?? writableByOthers(directory.path);
    if (exposure !== undefined) throw new Error(`${directory.path} ${exposure.found}`);
    return new Recorder(directory);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new CommandError(`--record: ${error.message}; a directory of yours is needed that others may not write to`);
  }
}
