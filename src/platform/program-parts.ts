// Where the parts of this program are: files beside its script, or in it, with Node, in a single executable.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getRawAsset, isSea } from "node:sea";
import { mainScript } from "#platform/program/scripts";
import { tolerating } from "../base/failures.ts";

/** What this program is run from. */
export function ownPlaces(): string[] {
  return isSea() ? [process.execPath] : [process.execPath, __dirname];
}

/** The command that starts this program, wherever. */
export function ownCommand(): [command: string, ...args: string[]] {
  return isSea() ? [process.execPath] : [process.execPath, join(__dirname, mainScript)];
}

/** A file inside the packed program. @throws Error where there is none of that name */
export function packedFile(name: string): Buffer {
  return Buffer.from(getRawAsset(name) as ArrayBuffer);
}

/** What the system, and Node, call a part that is not there. */
const MISSING = ["ENOENT", "ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND"];

/**
 * A part of this program that is not JavaScript.
 * @param name relative to the script, with `/` between its parts
 * @returns undefined where this build does not have it
 */
export function partOf(name: string): Buffer | undefined {
  return tolerating(MISSING, () => (isSea() ? packedFile(name) : readFileSync(join(__dirname, name))));
}

/** As `partOf`, for what every build has. @throws Error where this one lacks it */
export function requirePart(name: string): Buffer {
  const part = partOf(name);
  if (part === undefined) throw new Error(`this build of dlrpc lacks ${name}`);
  return part;
}
