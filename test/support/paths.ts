// Owns where the built things are.

import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const projectRoot = fileURLToPath(new URL("../..", import.meta.url));
/** The half of what differs between systems that is tried (vitest.config.ts): on Linux either runs. */
export const half = process.env.DLRPC_TEST_HALF === "portable" ? "portable" : "linux";
export const program = join(projectRoot, "dist", half === "linux" ? "dlrpc.cjs" : "dlrpc.portable.cjs");
/** The command that starts it. */
export const ownProgram: readonly string[] = [process.execPath, program];
/** Holds one directory per plugin, well-behaved and hostile alike; tests trust it whole. */
export const fixturesDirectory = join(projectRoot, "dist", "fixtures");

export function plugin(name: string): string {
  return join(fixturesDirectory, name);
}

/** What Go has compiled before: in a home of a test's own it would compile its whole library first. */
export const goCache = process.env.GOCACHE ?? join(homedir(), ".cache", "go-build");
