// The sources of the worker for macOS compile without a warning, into a program that any macOS from 11 on can start. There
// is no Mac here: it is looked into, not run.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { compileMacosWorker } from "../../src/platform/worker-program/compile-macos.ts";
import { inspectLibrary } from "../../src/plugins/formats/index.ts";
import { Workshop } from "../support/own-worker.ts";
import { projectRoot } from "../support/paths.ts";
import { compiling, lacksHeaders, linking, type MacosArch, macosCompiler } from "./headers.ts";

const warnings = ["-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wvla", "-Wformat=2"];
const sources = join(projectRoot, "native");

function compile(arch: MacosArch, output: string): void {
  const flags = [...warnings, ...compiling(arch), ...linking()];
  compileMacosWorker({ compiler: macosCompiler(arch), sources, output, flags });
}

/** What llvm-objdump says of it. */
const shown = (program: string, ...what: string[]) =>
  execFileSync("llvm-objdump", ["--macho", ...what, program], { encoding: "utf8" });

describe
  .skipIf(lacks("clang") || lacks("ld64.lld") || lacks("llvm-objdump") || lacksHeaders())
  .each(["arm64", "x64"] as const)("%s", (arch) => {
  const workshop = new Workshop();
  const program = join(workshop.path, "worker");
  beforeAll(() => compile(arch, program), 120_000); // any warning is an error
  afterAll(() => workshop[Symbol.dispose]());

  test("it is a program for macOS 11", () => {
    const commands = shown(program, "--private-headers");
    expect(inspectLibrary(readFileSync(program))).toMatchObject([{ platform: "darwin", arch }]);
    expect(commands).toMatch(/\bEXECUTE\b.*\bPIE\b/);
    expect(commands).toMatch(/LC_BUILD_VERSION\n.*\n +platform macos\n.*\n +minos 11\.0\n/);
  });

  test("it needs the system's library and nothing else, and exports nothing", () => {
    const commands = shown(program, "--private-headers");
    const libraries = [...commands.matchAll(/cmd LC_LOAD_DYLIB\n.*\n +name (\S+)/g)].map(([, name = ""]) => name);
    expect(libraries).toEqual(["/usr/lib/libSystem.B.dylib"]);
    const exported = shown(program, "--exports-trie").matchAll(/^0x[0-9A-F]+ +(\S+)/gim);
    expect([...exported].map(([, name]) => name)).toEqual(["__mh_execute_header"]);
  });

  test("it is signed where nothing starts that is not", () => {
    expect(shown(program, "--private-headers").includes("LC_CODE_SIGNATURE")).toBe(arch === "arm64");
  });

  test("it has macOS's own mechanisms, and none of Linux", () => {
    const names = shown(program, "--syms");
    for (const name of ["_kevent", "_sandbox_init_with_parameters", "_pthread_chdir_np", "_task_info"])
      expect(names).toMatch(new RegExp(`\\*UND\\* ${name}\\n`));
    expect(names).not.toMatch(/\*UND\* _(prctl|syscall|fesetenv)\n/);
  });

  test("it is the same each time", () => {
    mkdirSync(join(workshop.path, "again")); // its signature has its name
    const again = join(workshop.path, "again", "worker");
    compile(arch, again);
    expect(readFileSync(again).equals(readFileSync(program))).toBe(true);
  });
});
