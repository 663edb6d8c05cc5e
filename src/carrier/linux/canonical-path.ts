// Owns the canonical path of a file or directory (T2).

import { realpathSync } from "node:fs";

/** Follows every link and `..`. @throws Error with the system's `code` where there is nothing */
export const canonicalPath: (path: string) => string = realpathSync.native;
