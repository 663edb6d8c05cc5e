// Owns the templates of `dlrpc new` as libraries for Windows: each is made, and then built by the command that docs/authors.md
// has for whoever builds for Windows on Linux.

import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../support/run.ts";

const strict = "-O2 -Werror -Wpedantic -Wshadow -Wconversion";

/** What make(1) is given by language, beside the library's name. Rust and D are not here: Debian has no libraries of theirs for it. */
const variables = {
  c: ["CC=x86_64-w64-mingw32-gcc", "LDFLAGS=-static", `CFLAGS=${strict}`],
  cpp: ["CXX=x86_64-w64-mingw32-g++", "LDFLAGS=-static", `CXXFLAGS=${strict}`],
  go: [],
} as const;

const environment = { GOOS: "windows", GOARCH: "amd64", CGO_ENABLED: "1", CC: "x86_64-w64-mingw32-gcc" };

/** Builds new-c.dll and so on. @param scratch where the plugins are made */
export async function buildTemplates(scratch: string, output: string): Promise<void> {
  for (const [language, given] of Object.entries(variables)) {
    const name = `new-${language}`;
    const { status, stderr } = await run(["new", name, "--lang", language], { cwd: scratch });
    if (status !== 0) throw new Error(`dlrpc new has failed: ${stderr}`);
    const home = join(scratch, name);
    const env = { ...process.env, ...(language === "go" && environment) };
    execFileSync("make", [`library=${name}.dll`, ...given], { cwd: home, env, stdio: ["ignore", "ignore", "inherit"] });
    copyFileSync(join(home, `${name}.dll`), join(output, `${name}.dll`));
  }
}
