// Owns the canonical path of a file or directory on Windows (T2): one spelling, whatever it was reached by.

import { lstatSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, parse, resolve } from "node:path";
import { tolerating } from "../../../base/failures.ts";
import { refuseStrangePath } from "./strange-path.ts";

/**
 * As the file system spells it, with its drive or `\\server\share`, without `\\?\`.
 * @throws Error with a `code` where there is nothing, or what names no file or directory of its own
 */
export function canonicalWindowsPath(path: string): string {
  refuseStrangePath(path);
  const canonical = followed(path);
  refuseStrangePath(canonical);
  return canonical;
}

/** Why the system cannot say where an open file lies: on RAM disks and the like (EISDIR), and in Wine when that is long. */
const UNSAYABLE = ["EISDIR", "UNKNOWN"];

const MOST_LINKS = 40;

/** @param links how many were followed already */
function followed(path: string, links = 0): string {
  return tolerating(UNSAYABLE, () => realpathSync.native(path)) ?? followedByParts(resolve(path), links);
}

/** The same by looking into each directory on the way. @param path absolute */
function followedByParts(path: string, links: number): string {
  if (path === parse(path).root) return path.toUpperCase();
  const directory = followed(dirname(path), links);
  const name = basename(path);
  const here = join(directory, name);
  if (lstatSync(here).isSymbolicLink()) {
    if (links === MOST_LINKS) throw Object.assign(new Error(`${path}: too many links`), { code: "ELOOP" });
    return followed(resolve(directory, readlinkSync(here)), links + 1);
  }
  const spelled = readdirSync(directory).find((each) => each.toLowerCase() === name.toLowerCase());
  return join(directory, spelled ?? name); // a short name is none of the directory's
}
