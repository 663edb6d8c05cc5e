// Owns compiling the worker for Windows 10 and later: by mingw-w64's gcc, by a clang for it, or as Microsoft's cl takes it.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CompileOptions, language, runCompiler, windowsPrograms } from "./compile.ts";

const windows10 = "-D_WIN32_WINNT=0x0A00";
const stackBytes = 8 << 20;

/** What each family of compilers is given beside the sources. */
const gnu = [...language, windows10];
const gnuLinking = ["-static", "-s", `-Wl,--stack,${stackBytes}`, "-Wl,--no-insert-timestamp"];
/**
 * In the place of those that gcc may have by default: with the older C runtime the worker would keep what plugins print by
 * the newer one until they end. A clang for mingw-w64 has the newer one as it is.
 */
const ucrt = "-D_UCRT -nodefaultlibs -lgcc_eh -lmingw32 -lmingwex -lgcc -lucrt -lkernel32".split(" ");

/** Visual Studio 2022 17.8 and later; clang-cl needs no word for atomics, and warns of it. */
const microsoft = [
  ..."/nologo /std:c11 /experimental:c11atomics /utf-8 /O2 /W3 /MT".split(" "),
  ...[windows10, "-D_CRT_SECURE_NO_WARNINGS", "-D_CRT_NONSTDC_NO_WARNINGS"],
];
/** What the compiler needs at run time is in the program; the C runtime is the system's, as plugins have it. */
const microsoftLinking = ["/link", `/STACK:${stackBytes}`, "/Brepro", "/NODEFAULTLIB:libucrt.lib", "ucrt.lib"];

/** @throws Error with what the compiler says */
export function compileWindowsWorker({ compiler, sources, output, flags = [] }: CompileOptions): void {
  const files = windowsPrograms.map((name) => join(sources, name));
  const directories = [sources, join(sources, "windows")].flatMap((directory) => ["-I", directory]);
  if (isMicrosofts(compiler)) {
    const scratch = mkdtempSync(join(tmpdir(), "dlrpc-objects-"));
    try {
      const naming = [`/Fo${join(scratch, "/")}`, `/Fe${output}`, ...microsoftLinking];
      runCompiler(compiler, [...microsoft, ...directories, ...flags, ...files], output, naming);
    } finally {
      rmSync(scratch, { recursive: true });
    }
    return;
  }
  const libraries = /clang/.test(compiler) ? [] : ucrt;
  runCompiler(compiler, [...gnu, ...directories, ...flags, ...files, ...gnuLinking, ...libraries], output);
}

/** Whether its options are those of Microsoft's cl. */
export function isMicrosofts(compiler: string): boolean {
  return /(^|[\\/ ])(clang-)?cl(\.exe)?( |$)|--driver-mode=cl/i.test(compiler);
}

/** @returns the command of one that is on the PATH; cl, where no other makes programs for Windows as it is */
export function windowsCompiler(): string {
  return ["gcc", "clang"].find(isForMingw) ?? "cl";
}

function isForMingw(command: string): boolean {
  const { stdout } = spawnSync(command, ["-dumpmachine"], { encoding: "utf8" });
  return /-(mingw32|windows-gnu)/.test(stdout ?? "");
}
