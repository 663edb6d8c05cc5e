// Owns where the headers of macOS are that its worker is compiled with here, and whether they are there. Whoever wants them
// installs them, for what has them is large.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../support/paths.ts";

const modules = join(projectRoot, "test", "macos", "headers", "node_modules");
/** What Zig has of the C libraries. */
export const libc = join(modules, "@ryoppippi", "zig-linux-x64", "lib", "libc");

export const missHeaders = (): boolean => !existsSync(join(libc, "darwin", "libSystem.11.tbd"));

/** Whether what needs them is to be left out: in CI nothing is, and fails instead. */
export const lacksHeaders = (): boolean => process.env.CI !== "true" && missHeaders();

export const installHeaders = "npm ci --ignore-scripts --prefix test/macos/headers";
