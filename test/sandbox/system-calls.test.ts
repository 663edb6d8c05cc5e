// S4: the numbers that the filter goes by are those of this system's headers, as far as these know the calls.

import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { architectures } from "../../src/confinement/system-calls.ts";

test("S4: every system call has its number", () => {
  const headers = execFileSync("cc", ["-E", "-dM", "-"], { input: "#include <sys/syscall.h>\n", encoding: "utf8" });
  const known = new Map(
    [...headers.matchAll(/^#define __NR_(\w+) (\d+)$/gm)].map(([, name, at]) => [name, Number(at)]),
  );
  const own = Object.entries(architectures[process.arch]?.numbers ?? {}).filter(([name]) => known.has(name));
  expect(own.length).toBeGreaterThan(90);
  expect(own).toEqual(own.map(([name]) => [name, known.get(name)]));
});
