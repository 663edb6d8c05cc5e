// Owns what people read: it is whole before the program ends, however slow its reader is.

import { writeFileSync } from "node:fs";
import { makeBlocking } from "../native/descriptors.ts";
import { harmless, STDERR, STDOUT } from "./terminal.ts";

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

/** What nobody reads is lost: it must not keep the answer from whoever reads that. */
export function printError(bytes: Buffer): void {
  try {
    writeAll(STDERR, bytes);
  } catch (error) {
    if (!isReaderGone(error)) throw error;
  }
}

export function isReaderGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}

function writeAll(descriptor: number, bytes: Buffer): void {
  makeBlocking(descriptor); // Node has stderr not block when it opens it, and so stdout, where both are one pipe
  writeFileSync(descriptor, bytes);
}
