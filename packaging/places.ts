// Owns where packaging reads and writes.

import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const projectRoot = fileURLToPath(new URL("..", import.meta.url));
/** The packed programs, their archives and what belongs to those. */
export const outputDirectory = join(projectRoot, "dist", "bin");
/** Tarballs of packages, by name and version. */
export const cacheDirectory = join(projectRoot, "dist", "packages");
