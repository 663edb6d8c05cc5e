// Owns compiling the worker for the system that this is.

import { system } from "#platform/program/system";
import { type CompileOptions, compileWorker } from "./compile.ts";
import { compileMacosWorker } from "./compile-macos.ts";
import { compileWindowsWorker, windowsCompiler } from "./compile-windows.ts";

/** The C compiler, where nobody says another. */
export const ownCompiler = (): string => (system === "windows" ? windowsCompiler() : "cc");

const compilations = { linux: compileWorker, windows: compileWindowsWorker, macos: compileMacosWorker } as const;

/** @throws Error with what the compiler says */
export const compileOwnWorker = (options: CompileOptions): void => compilations[system](options);
