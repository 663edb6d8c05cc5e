// The sources of the worker for Windows compile without a warning, into a program that any Windows 10 can start.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { compileWindowsWorker, windows10, windowsSources } from "../../packaging/windows-worker.ts";
import { buildWorker } from "../../packaging/worker.ts";
import { language } from "../../src/carrier/compile.ts";
import { Workshop } from "../support/own-worker.ts";
import { projectRoot } from "../support/paths.ts";

const warnings = ["-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wvla", "-Wformat=2"];

test.skipIf(lacks("x86_64-w64-mingw32-gcc"))(
  "it needs the system and its C runtime, and is the same each time",
  () => {
    using workshop = new Workshop();
    const program = buildWorker("windows-x64");
    const about = execFileSync("x86_64-w64-mingw32-objdump", ["-p", program], { encoding: "utf8" });
    const libraries = [...about.matchAll(/DLL Name: (\S+)/g)].map(([, library = ""]) => library);
    expect(libraries).toContain("KERNEL32.dll");
    expect(libraries.filter((library) => !/^(KERNEL32|api-ms-win-crt-[a-z]+-l1-1-0)\.dll$/.test(library))).toEqual([]);
    expect(about).not.toContain("Export Address Table");

    const again = join(workshop.path, "again.exe");
    compileWindowsWorker(join(projectRoot, "native"), again, warnings); // any warning is an error
    expect(readFileSync(again).equals(readFileSync(program))).toBe(true);
  },
  240_000,
); // twice ten seconds of a processor: the system's headers are long

const neverBuilt = lacks("clang") || lacks("x86_64-w64-mingw32-gcc");
test.skipIf(neverBuilt).each(["x86_64", "aarch64"])("clang has nothing to say of the sources for %s", (arch) => {
  const native = join(projectRoot, "native");
  const directories = ["-isystem", "/usr/share/mingw-w64/include", "-I", native, "-I", join(native, "windows")];
  const options = [`--target=${arch}-w64-mingw32`, ...language, ...windows10, ...warnings, ...directories];
  for (const source of windowsSources) execFileSync("clang", [...options, "-fsyntax-only", join(native, source)]);
});
