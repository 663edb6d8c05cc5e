// What people read: it is whole before the program ends, however slow its reader is.

import { writeAll } from "#platform/streams/blocking-io";
import { encodeJson } from "../../json/encode.ts";
import { harmless, STDERR, STDOUT } from "./terminal.ts";

const LINE_FEED = 0x0a;

/** stdout takes no more, though somebody reads it: a disk that is full, for one. */
export class CannotPrint extends Error {}

/** @throws CannotPrint, and Error where nobody reads any more (`isReaderGone`) */
export function print(text: string): void {
  try {
    writeAll(STDOUT, Buffer.from(text));
  } catch (error) {
    if (isReaderGone(error) || !(error instanceof Error)) throw error;
    throw new CannotPrint(`stdout: ${error.message}`, { cause: error });
  }
}

/** The same for what people read, and plugins or packages have a part in. */
export function say(text: string): void {
  print(harmless(text, STDOUT));
}

/** A document for programs, on one line: in what plugins wrote, line ends stand between tokens only, where a space is as good. */
export function printJson(value: unknown): void {
  say(`${encodeJson(value).replaceAll(/[\r\n]/g, " ")}\n`);
}

/** Whether others' text has not ended its line on stderr. */
let isLineOpen = false;

/** Prints what dlrpc itself has to say, on lines of its own: programs read the last one (`--error-format json`). */
export function printError(bytes: Buffer): void {
  if (bytes.length === 0) return;
  if (isLineOpen) passOn(Buffer.from("\n"));
  writeError(bytes);
}

/** The same for a line that plugins or packages have a part in. */
export function tell(line: string): void {
  printError(Buffer.from(`${harmless(line, STDERR)}\n`));
}

/** Prints what others wrote, as it is. */
export function passOn(bytes: Buffer): void {
  isLineOpen = bytes.at(-1) !== LINE_FEED;
  writeError(bytes);
}

/** What stderr does not take is lost: it must not keep the answer from whoever reads stdout. */
export function writeError(bytes: Buffer): void {
  try {
    writeAll(STDERR, bytes);
  } catch {
    // it is closed or full, and there is nowhere else to say so
  }
}

export function isReaderGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}
