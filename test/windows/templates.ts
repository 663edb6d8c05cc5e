// Owns the templates of `dlrpc new` as libraries for Windows: each is made, and then built by the command that docs/authors.md
// has for whoever builds for Windows on Linux.

import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { Page } from "../support/page.ts";
import { run } from "../support/run.ts";

/** The commands of the page: in C, in C++ and in Go. Rust and D are not there: Debian has no libraries of theirs for Windows. */
const [forC = "", forCpp = "", forGo = ""] = new Page("docs/authors.md").code("sh").at(-1)?.split("\n") ?? [];

const strict = "-O2 -Werror -Wpedantic -Wshadow -Wconversion";
const commands = { c: `${forC} CFLAGS='${strict}'`, cpp: `${forCpp} CXXFLAGS='${strict}'`, go: forGo } as const;

/** Builds new-c.dll and so on. @param scratch where the plugins are made */
export async function buildTemplates(scratch: string, output: string): Promise<void> {
  for (const [language, command] of Object.entries(commands)) {
    const name = `new-${language}`;
    const { status, stderr } = await run(["new", name, "--lang", language], { cwd: scratch });
    if (status !== 0) throw new Error(`dlrpc new has failed: ${stderr}`);
    const named = command.replaceAll("words", name);
    execFileSync("sh", ["-c", named], { cwd: scratch, stdio: ["ignore", "ignore", "inherit"] });
    copyFileSync(join(scratch, name, `${name}.dll`), join(output, `${name}.dll`));
  }
}
