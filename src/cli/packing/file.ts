// BundledFile: one file of a package for agents.

import { messageOf } from "../../base/failures.ts";
import { LARGEST_FILE, readRegularFile, UnreadableFile } from "../../plugins/trust/read-file.ts";
import { resolve } from "../../plugins/trust/resolve.ts";
import { CommandError } from "../options.ts";

export interface BundledFile {
  /** Relative to the package's root, with `/` between its parts. */
  readonly name: string;
  /** What is in it, or the path of the file that it is a copy of. */
  readonly content: Buffer | { readonly path: string };
  readonly isExecutable: boolean;
}

/** A document that people read, too. */
export function jsonFile(name: string, document: object): BundledFile {
  return { name, content: Buffer.from(`${JSON.stringify(document, null, 2)}\n`), isExecutable: false };
}

/** What is in it by now. @throws CommandError where it cannot be read */
export async function contentOf({ content }: BundledFile): Promise<Buffer> {
  return "path" in content ? readContent(content.path) : content;
}

/** The mode that it has in the package, whatever that of the original: its owner may write to it. */
export function modeOf({ isExecutable }: BundledFile): number {
  return isExecutable ? 0o755 : 0o644;
}

/** @param path of a package */
export function cannotWrite(path: string, error: unknown): CommandError {
  return new CommandError(`${path} cannot be written: ${messageOf(error)}`);
}

/** @throws CommandError where there is no regular file that can be read, or too long a one */
export async function readContent(path: string): Promise<Buffer> {
  const found = resolve(path);
  if ("code" in found) throw new CommandError(`${path} cannot be reached (${found.code}); a file is needed`);
  try {
    return (await readRegularFile(found.canonical, LARGEST_FILE)).bytes;
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new CommandError(`${path}: ${error.message}; a readable regular file is needed`);
  }
}
