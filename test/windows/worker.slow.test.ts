// The worker for Windows, tried in Wine (inside/). What Wine cannot show is left out there, or said in a test's name.

import { expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { runInWine } from "./wine.ts";

const compilers = ["x86_64-w64-mingw32-gcc", "x86_64-w64-mingw32-g++", "i686-w64-mingw32-gcc", "make", "go"] as const;
const tools = [...compilers, "wine"] as const;

if (tools.some(lacks)) test.skip("the worker for Windows, in Wine", () => {});
else {
  for (const { name, error } of await runInWine()) {
    test(name, () => {
      expect(error).toBeUndefined();
    });
  }
}
