// Owns which path of a file or directory is canonical (T2), and which paths name nothing that may be meant (T9).

import { realpathSync } from "node:fs";

/** Follows every link and `..`. @throws Error with the system's `code` where there is nothing */
export const canonicalPath: (path: string) => string = realpathSync.native;

/** Why a path or name is not used (T9): here each names what it seems to name. */
export const strangeness = (_path: string): string | undefined => undefined;
