// Owns the packed programs as tests see them.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../support/paths.ts";

export const packedDirectory = join(projectRoot, "dist", "bin");
export const packed = join(packedDirectory, "dlrpc-linux-x64");
export const packedForArm = join(packedDirectory, "dlrpc-linux-arm64");

/**
 * Runs a shell script in a mount namespace of its own, with nothing but PATH in its environment (user namespaces, no
 * rights).
 */
export function inOwnMounts(script: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const command = ["--map-root-user", "--mount", "/bin/sh", "-euc", script, ...args];
  return spawnSync("/usr/bin/unshare", command, { encoding: "utf8", env: { PATH: "/usr/bin:/bin", ...env } });
}
