// Owns compiling for macOS where this is no Mac: by clang and lld, with the system's headers and the names in its library as
// Zig has them. Whoever wants those installs them, for what has them is large.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../support/paths.ts";

const modules = join(projectRoot, "test", "macos", "headers", "node_modules");
export const libc = join(modules, "@ryoppippi", "zig-linux-x64", "lib", "libc");
const library = join(libc, "darwin", "libSystem.11.tbd");

export const missHeaders = (): boolean => !existsSync(library);

/** Whether what needs them is to be left out: in CI nothing is, and fails instead. */
export const lacksHeaders = (): boolean => process.env.CI !== "true" && missHeaders();

export const installHeaders = "npm ci --ignore-scripts --prefix test/macos/headers";

/** By what they are called in a platform's name: Apple's name of the processor, and Zig's. */
const processors = { arm64: ["arm64", "aarch64"], x64: ["x86_64", "x86_64"] } as const;
export type MacosArch = keyof typeof processors;

/** The command of a compiler. */
export const macosCompiler = (arch: MacosArch): string => `clang --target=${processors[arch][0]}-apple-macos11`;

/** What it needs to compile. */
export function compiling(arch: MacosArch): string[] {
  const parts = [`${processors[arch][1]}-macos.11-none`, "any-macos.11-any", "any-macos-any"];
  return ["-nostdlibinc", ...parts.flatMap((name) => ["-isystem", join(libc, "include", name)])];
}

/** What it needs to link. */
export const linking = (): string[] => ["-nostdlib", "-mlinker-version=609", "-fuse-ld=lld", library];
