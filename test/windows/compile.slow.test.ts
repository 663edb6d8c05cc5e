// The sources of the worker for Windows compile without a warning, into a program that any Windows 10 can start.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { compileWindowsWorker } from "../../packaging/windows-worker.ts";
import { buildWorker } from "../../packaging/worker.ts";
import { language, windowsPrograms } from "../../src/platform/worker-program/compile.ts";
import { compileWindowsWorker as compileAnyWorker } from "../../src/platform/worker-program/compile-windows.ts";
import { inspectLibrary } from "../../src/plugins/formats/index.ts";
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

const native = join(projectRoot, "native");
const lacksClang = lacks("clang") || lacks("x86_64-w64-mingw32-gcc");

test.skipIf(lacksClang).each(["x86_64", "aarch64"])("clang has nothing to say of the sources for %s", (arch) => {
  const directories = ["-isystem", "/usr/share/mingw-w64/include", "-I", native, "-I", join(native, "windows")];
  const windows10 = ["-D_WIN32_WINNT=0x0A00", "-D_UCRT"];
  const options = [`--target=${arch}-w64-mingw32`, ...language, ...windows10, ...warnings, ...directories];
  for (const source of windowsPrograms) execFileSync("clang", [...options, "-fsyntax-only", join(native, source)]);
});

/** Microsoft's own is not here: what it takes clang takes, in its mode, with the headers and libraries of mingw-w64. */
describe.skipIf(lacksClang)("by each family of compilers a program is made:", () => {
  const libraries = () =>
    `-L${dirname(execFileSync("x86_64-w64-mingw32-gcc", ["-print-libgcc-file-name"], { encoding: "utf8" }))}`;
  test.each([
    ["clang", "--target=x86_64-w64-mingw32", (found: string) => [found]],
    ["clang --driver-mode=cl", "--target=x86_64-w64-mingw32", (found: string) => [`/clang:${found}`, "/GS-"]],
  ])("%s", (compiler, target, flags) => {
    using workshop = new Workshop();
    const output = join(workshop.path, "worker.exe");
    compileAnyWorker({ compiler: `${compiler} ${target}`, sources: native, output, flags: flags(libraries()) });
    expect(inspectLibrary(readFileSync(output))).toMatchObject([
      { platform: "win32", arch: "x64", kind: "executable" },
    ]);
  });

  test("what cl says of a source is passed on", () => {
    using workshop = new Workshop();
    const output = join(workshop.path, "worker.exe");
    const compiler = "clang --driver-mode=cl --target=x86_64-w64-mingw32";
    const compile = () => compileAnyWorker({ compiler, sources: native, output, flags: ["/FInone.h"] });
    expect(compile).toThrow(/^`clang --driver-mode=cl .*` does not compile the worker:\n.*'none\.h' file not found/s);
  });
});

test("nothing that cl compiles has a word that only gcc and clang know", () => {
  const [shared, own] = [readdirSync(native), readdirSync(join(native, "windows")).map((name) => `windows/${name}`)];
  const files = [...shared, ...own].filter((name) => /\.[ch]$/.test(name));
  const foreign = files.filter((name) => {
    const text = readFileSync(join(native, name), "utf8").replaceAll(/#(el)?if defined\(__.*?#e(lse|ndif)/gs, "");
    return /\b(__attribute__|__asm__|__typeof__|__thread|__(builtin|atomic|sync)_\w+)\b/.test(text);
  });
  expect([files.length > 20, foreign]).toEqual([true, []]);
});

test.skipIf(lacksClang)(
  "clang in cl's mode has nothing to say of the template in C, with the options of its build.cmd",
  () => {
    const template = join(projectRoot, "templates", "c");
    const [, options = ""] =
      /^ +cl (.*) plugin\.c \/link/m.exec(readFileSync(join(template, "build.cmd"), "utf8")) ?? [];
    expect(options).toContain("/std:c11");
    const own = options.split(" ").filter((option) => !option.startsWith("/Fo"));
    const more = ["-Werror", "-Wpedantic", "-Wno-unused-command-line-argument", "-I", join(projectRoot, "protocol")];
    const clang = ["--driver-mode=cl", "--target=x86_64-w64-mingw32", ...own, ...more, "-fsyntax-only"];
    execFileSync("clang", [...clang, join(template, "plugin.c")], { stdio: "pipe" });
  },
);
