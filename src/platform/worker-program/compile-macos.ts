// Owns compiling the worker for macOS 11 and later. The program needs nothing but the system's one library.

import { join } from "node:path";
import { type CompileOptions, language, macosPrograms, runCompiler } from "./compile.ts";

const macos11 = ["-mmacosx-version-min=11.0", "-fvisibility=hidden"];

/** @throws Error with what the compiler says */
export function compileMacosWorker({ compiler, sources, output, flags = [] }: CompileOptions): void {
  const files = macosPrograms.map((name) => join(sources, name));
  const directories = ["-I", sources, "-I", join(sources, "posix")];
  runCompiler(compiler, [...language, ...macos11, ...directories, ...flags, ...files], output);
}
