// Owns compiling the worker for macOS, by clang.

import { join } from "node:path";
import { type CompileOptions, language, macosPrograms, runCompiler } from "./compile.ts";

/** @throws Error with what the compiler says */
export function compileMacosWorker({ compiler, sources, output, flags = [] }: CompileOptions): void {
  const files = macosPrograms.map((name) => join(sources, name));
  const directories = ["-I", sources, "-I", join(sources, "posix")];
  runCompiler(compiler, [...language, "-fvisibility=hidden", ...directories, ...flags, ...files], output);
}
