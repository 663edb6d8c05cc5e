// How transcripts write paths: with `/` on every system. What comes from a server on Windows has `\\` as well.

import { sep } from "node:path";

/** A path of this system as transcripts write it. */
export function slashed(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}

/** Whether a text that came holds for one that a transcript says: as it is, or as paths are written there. */
export function eitherWay(text: string, holds: (text: string) => boolean): boolean {
  return holds(text) || (sep !== "/" && holds(slashed(text)));
}
