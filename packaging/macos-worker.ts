// Owns compiling the worker for macOS 11 and later, by clang: on a Mac as it stands, elsewhere with the system's headers,
// the names in its library, and lld.

import { join } from "node:path";
import { language, macosPrograms, runCompiler } from "../src/carrier/compile.ts";

/** By what they are called in a platform's name. */
export const macosTargets = { arm64: "arm64-apple-macos11", x64: "x86_64-apple-macos11" } as const;
export type MacosArch = keyof typeof macosTargets;

export interface MacosCompileOptions {
  readonly arch: MacosArch;
  /** The directory with the sources. */
  readonly sources: string;
  readonly output: string;
  /** Further arguments; where this is no Mac those of macosFromElsewhere. */
  readonly flags?: readonly string[];
}

/** @throws Error with what the compiler says */
export function compileMacosWorker({ arch, sources, output, flags = [] }: MacosCompileOptions): void {
  const files = macosPrograms.map((name) => join(sources, name));
  const directories = ["-I", sources, "-I", join(sources, "posix")];
  const options = [...language, `--target=${macosTargets[arch]}`, "-fvisibility=hidden", ...directories, ...flags];
  runCompiler("clang", [...options, ...files], output);
}

/** lld's linker for Mach-O, by Debian's name. */
export const machoLinker = "ld64.lld-14";

/**
 * What clang needs to compile for macOS where this is no Mac.
 * @param libc a directory with what Zig has of the system: `include` and `darwin`
 */
export function macosFromElsewhere(arch: MacosArch, libc: string): string[] {
  const own = { arm64: "aarch64", x64: "x86_64" }[arch];
  const includes = [`${own}-macos.11-none`, "any-macos.11-any", "any-macos-any"].flatMap((name) => {
    return ["-isystem", join(libc, "include", name)];
  });
  return ["-nostdlibinc", ...includes];
}

/** The same, to link it. @param linker a path */
export function macosLinking(libc: string, linker: string): string[] {
  const library = join(libc, "darwin", "libSystem.11.tbd");
  return ["-nostdlib", "-mlinker-version=609", `--ld-path=${linker}`, library];
}
