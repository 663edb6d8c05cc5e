// The order of a run, and what it says between its stages: a run of vitest of a few tests, with the order of ours.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { projectRoot } from "./paths.ts";

const passes = (count: number) =>
  `import { test } from "vitest";\n${Array.from({ length: count }, (_, i) => `test("${i}", () => {});\n`).join("")}`;
const stages = JSON.stringify(join(projectRoot, "test/support/stages.ts"));

let directory: string;

beforeEach(() => {
  mkdirSync(join(projectRoot, "dist"), { recursive: true });
  directory = mkdtempSync(join(projectRoot, "dist", "stages-")); // where it finds vitest
  const files = {
    "one/a.slow.test.ts": `${passes(2)}// The largest would run first.\n${"//\n".repeat(1000)}`,
    "one/b.test.ts": passes(3),
    "one/c.test.ts": passes(1),
    "beside/e.test.ts": passes(1),
    "two/d.test.ts": passes(1),
    "vitest.config.ts": `import { SlowLast } from ${stages};
      const project = (name, groupOrder) =>
        ({ test: { name, include: [name + "/*.test.ts"], sequence: { groupOrder }, maxWorkers: 1 } });
      export default { test: {
        sequence: { sequencer: SlowLast },
        reporters: ["default", ${stages}],
        projects: [project("two", 2), project("one", 1), project("beside", 1)],
      } };`,
  };
  for (const folder of ["one", "beside", "two"]) mkdirSync(join(directory, folder));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
});
afterEach(() => rmSync(directory, { recursive: true }));

/** What is said of files and of stages, in order. */
function run(...args: string[]): string[] {
  const vitest = join(projectRoot, "node_modules", "vitest", "vitest.mjs");
  const env = {
    ...process.env,
    NO_COLOR: "1",
    VITEST: undefined,
    VITEST_WORKER_ID: undefined,
    VITEST_POOL_ID: undefined,
  };
  const said = execFileSync(process.execPath, [vitest, "run", ...args], { cwd: directory, env, encoding: "utf8" });
  return said
    .split("\n")
    .flatMap(
      (line) => /^ \w.* are done .*$|^ Longest: .*$|\b\w+\/\w+(?:\.slow)?\.test\.ts/.exec(line)?.[0].trim() ?? [],
    );
}

test("what is slow runs behind its group's other files, and the end of each stage says what comes next", () => {
  const [first, second, third, ...rest] = run();
  expect([first, second, third].sort()).toEqual(["beside/e.test.ts", "one/b.test.ts", "one/c.test.ts"]);
  expect(rest).toEqual([
    expect.stringMatching(
      /^beside and one: 5 tests are done after \d+ s\. Next: one, slow \(1 of 1 files\); two \(1 of 1 files\)$/,
    ),
    expect.stringMatching(
      /^Longest: \w+\/[bce]\.test\.ts \d+ s, \w+\/[bce]\.test\.ts \d+ s, \w+\/[bce]\.test\.ts \d+ s$/,
    ),
    "one/a.slow.test.ts",
    expect.stringMatching(/^one, slow: 2 tests are done after \d+ s\. Next: two \(1 of 1 files\)$/),
    expect.stringMatching(/^Longest: one\/a\.slow\.test\.ts \d+ s$/),
    "two/d.test.ts",
  ]);
});

test("a run of one stage says nothing of stages", () => {
  expect(run("c.test.ts")).toEqual(["one/c.test.ts"]);
});
