// Owns where the built things are.

import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const projectRoot = fileURLToPath(new URL("../..", import.meta.url));
export const program = join(projectRoot, "dist", "dlrpc.cjs");
/** The command that starts it. */
export const ownProgram: readonly string[] = [process.execPath, program];
/** Holds one directory per plugin, well-behaved and hostile alike; tests trust it whole. */
export const fixturesDirectory = join(projectRoot, "dist", "fixtures");

export function plugin(name: string): string {
  return join(fixturesDirectory, name);
}
