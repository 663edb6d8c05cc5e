// Owns compiling the worker for Windows, by mingw-w64: it takes nothing but the system and its own C runtime (Windows 10).

import { join } from "node:path";
import { language, programsFor, runCompiler } from "../src/carrier/compile.ts";

const windowsCompiler = "x86_64-w64-mingw32-gcc";

export const windows10 = ["-D_WIN32_WINNT=0x0A00", "-D_UCRT"];
export const windowsSources = programsFor("windows", ["errors", "handles"]);
const stackBytes = 8 << 20;
/** In the place of those that the compiler has by default: its C runtime is the older one. */
const libraries = "-nodefaultlibs -lgcc_eh -lmingw32 -lmingwex -lgcc -lucrt -lkernel32".split(" ");

/**
 * @param sources the directory with them
 * @param flags further arguments
 * @throws Error with what the compiler says
 */
export function compileWindowsWorker(sources: string, output: string, flags: readonly string[] = []): void {
  const files = windowsSources.map((name) => join(sources, name));
  const directories = ["-I", sources, "-I", join(sources, "windows")];
  const linking = ["-static", "-s", `-Wl,--stack,${stackBytes}`, "-Wl,--no-insert-timestamp", ...libraries];
  runCompiler(windowsCompiler, [...language, ...windows10, ...directories, ...flags, ...files, ...linking], output);
}
