// Owns the compiler that the worker for Windows is shipped by: mingw-w64's, which makes the same of it each time; on Windows
// what is there.

import { compileWindowsWorker as compile, windowsCompiler } from "../src/platform/worker-program/compile-windows.ts";

const mingw = "x86_64-w64-mingw32-gcc";

/**
 * @param sources the directory with them
 * @param flags further arguments
 * @throws Error with what the compiler says
 */
export function compileWindowsWorker(sources: string, output: string, flags: readonly string[] = []): void {
  const compiler = process.platform === "win32" ? (process.env.CC ?? windowsCompiler()) : mingw;
  compile({ compiler, sources, output, flags });
}
