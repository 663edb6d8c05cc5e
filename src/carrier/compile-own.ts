// Owns compiling the worker for the system that this is.

import { system } from "#carrier/system";
import { type CompileOptions, compileWorker } from "./compile.ts";
import { compileWindowsWorker, windowsCompiler } from "./compile-windows.ts";

/** The C compiler, where nobody says another. */
export const ownCompiler = (): string => (system === "windows" ? windowsCompiler() : "cc");

/** @throws Error with what the compiler says */
export function compileOwnWorker(options: CompileOptions): void {
  const compile = system === "windows" ? compileWindowsWorker : compileWorker;
  compile(options);
}
