// What CONTRIBUTING.md says is held by a check, and is by no other test: options that nothing tries.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verbs } from "../../src/cli/verbs.ts";
import { projectRoot } from "../support/paths.ts";

const own = globSync(["test/**/*.ts", "protocol/conformance/*.json"], {
  cwd: projectRoot,
  exclude: ["**/node_modules"],
});
const tests = own.map((file) => readFileSync(join(projectRoot, file), "utf8")).join("\n");

test("every option of every verb is given by a test", () => {
  const names = new Set(verbs.flatMap(({ options }) => Object.keys(options)));
  expect(names.size).toBeGreaterThan(20);
  expect([...names].filter((name) => !new RegExp(`--${name}(?![a-z-])`).test(tests))).toEqual([]);
});
