// Owns the compiler that the worker for Windows is shipped by: mingw-w64's, which makes the same of it each time.

import { compileWindowsWorker as compile } from "../src/carrier/compile-windows.ts";

/**
 * @param sources the directory with them
 * @param flags further arguments
 * @throws Error with what the compiler says
 */
export function compileWindowsWorker(sources: string, output: string, flags: readonly string[] = []): void {
  compile({ compiler: "x86_64-w64-mingw32-gcc", sources, output, flags });
}
