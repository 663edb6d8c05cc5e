// The single executable for Windows, tried in Wine (test/windows/inside/packed.ts).

import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { packedHome, preparePacked } from "../windows/prepare-packed.ts";
import { prepareNode, runInWine } from "../windows/wine.ts";
import { packedDirectory } from "./packed.ts";

async function prepare(work: string): Promise<void> {
  await prepareNode(work);
  preparePacked(work);
  copyFileSync(join(packedDirectory, "dlrpc-win-x64.exe"), join(work, packedHome, "dlrpc.exe"));
}

if (lacks("x86_64-w64-mingw32-gcc") || lacks("wine")) test.skip("the single executable for Windows, in Wine", () => {});
else {
  for (const { name, error } of await runInWine("packed.ts", prepare)) {
    test(name, () => {
      expect(error).toBeUndefined();
    });
  }
}
