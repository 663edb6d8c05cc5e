// What a host has granted, opened once, at the load: the same files for all of its processes, whatever is renamed since.

import { closeSync, fstatSync } from "node:fs";
import { openToName, openWithoutLinks } from "#platform/files/opening";
import { tolerating } from "../base/failures.ts";

/** A file, or a directory with all that is in it. */
export interface Grant extends Disposable {
  readonly descriptor: number;
  readonly isDirectory: boolean;
  /** As whoever granted it calls it. */
  readonly path: string;
  /** Where that led when it was opened. */
  readonly canonical: string;
}

/**
 * @param canonical a link in any part of it has been put there since
 * @param path how it is called
 * @throws Error naming what is wrong, such as ELOOP
 */
export function openGrant(canonical: string, path = canonical): Grant {
  return grantOf(openWithoutLinks(canonical), path, canonical);
}

/** A path of dlrpc's own, whose links are followed. @returns undefined where it does not exist or must not be seen */
export function openIfThere(path: string): Grant | undefined {
  return tolerating(["ENOENT", "ENOTDIR", "EACCES"], () => grantOf(openToName(path), path, path));
}

/** What a descriptor is open on, to be closed with the grant. */
function grantOf(descriptor: number, path: string, canonical: string): Grant {
  const isDirectory = fstatSync(descriptor).isDirectory(); // which takes no descriptor, and does not fail
  return { descriptor, isDirectory, path, canonical, [Symbol.dispose]: () => closeSync(descriptor) };
}
