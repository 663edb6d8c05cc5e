// CONTRIBUTING.md names tests that are there; what it says is held by a check, and is by no other test: options that nothing tries.

import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verbs } from "../../src/cli/verbs.ts";
import { projectRoot } from "../support/paths.ts";

const own = globSync(["test/**/*.ts", "protocol/conformance/*.json"], {
  cwd: projectRoot,
  exclude: ["**/node_modules"],
});
const tests = own.map((file) => readFileSync(join(projectRoot, file), "utf8")).join("\n");

test("each test that it names is there", () => {
  const text = readFileSync(join(projectRoot, "CONTRIBUTING.md"), "utf8");
  const named = [...text.matchAll(/[\w./-]+\.test\.ts/g)].map(([path]) => path);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(join(projectRoot, path)))).toEqual([]);
});

test("every option of every verb is given by a test", () => {
  const names = new Set(verbs.flatMap(({ options }) => Object.keys(options)));
  expect(names.size).toBeGreaterThan(20);
  expect([...names].filter((name) => !new RegExp(`--${name}(?![a-z-])`).test(tests))).toEqual([]);
});
