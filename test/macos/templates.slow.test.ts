// The templates of `dlrpc new` for macOS: that in C is built by its Makefile into a library that is looked into, that in C++ is
// read with the headers of macOS's own library, which there is nothing to link with here.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { requiredSymbols } from "../../protocol/abi-symbols.ts";
import { inspectLibrary } from "../../src/plugins/formats/index.ts";
import { run } from "../support/run.ts";
import { compiling, lacksHeaders, libc, linking, macosCompiler } from "./headers.ts";

const strict = "-O2 -Werror -Wpedantic -Wshadow -Wconversion";
const isLeftOut = lacks("clang") || lacks("ld64.lld") || lacks("make") || lacksHeaders();

describe.skipIf(isLeftOut).each(["arm64", "x64"] as const)("%s", (arch) => {
  const directory = mkdtempSync(join(tmpdir(), "dlrpc-macos-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  beforeAll(async () => {
    for (const language of ["c", "cpp"])
      expect((await run(["new", `new-${language}`, "--lang", language], { cwd: directory })).status).toBe(0);
  });
  const [, target = ""] = macosCompiler(arch).split(" ");

  test("the template in C is a library that exports what a host looks for, and nothing else", () => {
    const home = join(directory, "new-c");
    const compiler = [macosCompiler(arch), ...compiling(arch)].join(" ");
    const variables = [`CC=${compiler}`, `CFLAGS=${strict}`, `LDFLAGS=${linking().join(" ")}`];
    execFileSync("make", ["dist", "library=libnew-c.dylib", ...variables], { cwd: home, stdio: "pipe" });
    const [image, ...others] = inspectLibrary(readFileSync(join(home, "dist", "new-c", "libnew-c.dylib")));
    expect([image, others]).toMatchObject([{ platform: "darwin", arch, kind: "library" }, []]);
    const optional = ["vtcode_plugin_free_string", "dlrpc_plugin_attach"];
    expect([...(image?.exports ?? [])].sort()).toEqual([...requiredSymbols, ...optional].sort());
  });

  test("nothing is to be said of the template in C++", () => {
    const headers = ["-nostdinc++", "-isystem", join(libc, "..", "libcxx", "include"), ...compiling(arch)];
    const options = [target, ...headers, "-std=c++17", "-Wall", "-Wextra", ...strict.split(" "), "-fsyntax-only"];
    execFileSync("clang++", [...options, "plugin.cpp"], { cwd: join(directory, "new-cpp"), stdio: "pipe" });
  });
});
