// The chain of a path: every directory and link that it leads through, as whoever may change one can have it lead elsewhere (T3).

import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { dirname, isAbsolute, join, normalize, parse, resolve, sep } from "node:path";

export interface Passed {
  /** Canonical but for its last part, which may be a link. */
  readonly path: string;
  readonly kind: "directory" | "file" | "link";
}

/** Linux follows no more of them (path_resolution(7)): whoever opens the path is told so. */
const MOST_LINKS = 40;

/**
 * Follows a path as the system does, as far as there is something that may be looked at.
 * @returns what is passed: every directory, every link and what that leads through, and at last what the path names
 */
export function pathChain(path: string): Passed[] {
  let { root: here, parts } = split(isAbsolute(path) ? path : `${process.cwd()}${sep}${path}`);
  const chain: Passed[] = [{ path: here, kind: "directory" }];
  for (let links = 0, part = parts.shift(); part !== undefined; part = parts.shift()) {
    const next = part === ".." ? dirname(here) : join(here, part); // an empty part, as `.`, is here
    const found = lookAt(next);
    if (found === undefined) break;
    if (found.isSymbolicLink()) {
      if (links++ === MOST_LINKS) break;
      chain.push({ path: next, kind: "link" });
      const target = split(readlinkSync(next));
      if (target.root !== "") here = resolve(target.root);
      parts = [...target.parts, ...parts];
    } else {
      chain.push({ path: next, kind: found.isDirectory() ? "directory" : "file" });
      here = next;
    }
  }
  return chain;
}

/** Without a look at what `..` leads out of: that may be a link. */
function split(path: string): { root: string; parts: string[] } {
  const { root } = parse(path);
  return {
    root: root === "" ? "" : normalize(root),
    parts: path.slice(root.length).split(sep === "/" ? sep : /[\\/]/),
  };
}

/** @returns undefined where the system refuses that, too: whoever opens the path is told why */
function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}
