// Owns the canonical path of a file or directory (T2).

import { realpathSync } from "node:fs";
import { system } from "./system.ts";
import { canonicalWindowsPath } from "./windows/canonical-path.ts";

/** Follows every link and `..`. @throws Error with a `code` where there is nothing, or nothing that may be meant */
export const canonicalPath: (path: string) => string =
  system === "windows" ? canonicalWindowsPath : realpathSync.native;
