// Owns what a host has granted, as open descriptors: opened once, when a plugin is loaded, they mean the same files for all
// of its processes, whatever is renamed or linked in between.

import { closeSync, fstatSync } from "node:fs";
import { openWithoutLinks } from "../native/descriptors.ts";

/** A file, or a directory with all that is in it. */
export interface Grant extends Disposable {
  /** Where it was when it was opened, canonical. */
  readonly path: string;
  readonly descriptor: number;
  readonly isDirectory: boolean;
}

/**
 * @param path canonical: a link in any part of it has been put there since
 * @throws Error naming what is wrong, such as ELOOP
 */
export function openGrant(path: string): Grant {
  return grantOf(path, openWithoutLinks(path));
}

/** What a descriptor is open on, to be closed with the grant. */
export function grantOf(path: string, descriptor: number): Grant {
  const isDirectory = fstatSync(descriptor).isDirectory();
  return { path, descriptor, isDirectory, [Symbol.dispose]: () => closeSync(descriptor) };
}
