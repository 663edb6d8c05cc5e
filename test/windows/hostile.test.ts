// The hostile corpus against the server for Windows, in Wine (inside/hostile.ts).

import { expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { prepareHostile } from "./prepare-hostile.ts";
import { prepareServer, runInWine } from "./wine.ts";

async function prepare(work: string): Promise<void> {
  await prepareServer(work);
  prepareHostile(work);
}

if (lacks("x86_64-w64-mingw32-gcc") || lacks("wine")) test.skip("the hostile corpus for Windows, in Wine", () => {});
else {
  for (const { name, error } of await runInWine("hostile.ts", prepare)) {
    test(name, () => {
      expect(error).toBeUndefined();
    });
  }
}
