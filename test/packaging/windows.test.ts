// The one file for Windows, tried in Wine (test/windows/inside/packed.ts).

import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { plugin, projectRoot } from "../support/paths.ts";
import { furnishNode, runInWine } from "../windows/wine.ts";
import { packedDirectory } from "./packed.ts";

const compiler = "x86_64-w64-mingw32-gcc";

async function furnish(work: string): Promise<void> {
  await furnishNode(work);
  const home = join(work, "with spaces, ü and ż");
  mkdirSync(home);
  copyFileSync(join(packedDirectory, "dlrpc-win-x64.exe"), join(home, "dlrpc.exe"));
  const hello = join(home, "hello-world");
  cpSync(plugin("hello-world"), hello, { recursive: true, filter: (path) => !path.endsWith(".so") });
  const source = join(projectRoot, "fixtures", "plugins", "hello-world", "hello-world.c");
  const output = join(hello, "hello-world.dll");
  execFileSync(compiler, ["-shared", "-I", join(projectRoot, "protocol"), source, "-o", output], { stdio: "inherit" });
}

if (lacks(compiler) || lacks("wine")) test.skip("the one file for Windows, in Wine", () => {});
else {
  for (const { name, error } of await runInWine("packed.ts", furnish)) {
    test(name, () => {
      expect(error).toBeUndefined();
    });
  }
}
