// Every kind of error, every warning and every notification that the protocol knows is met by a test or a transcript.

import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { errorKinds } from "../../protocol/error-kinds.ts";
import { wanted } from "../../protocol/wanted.ts";
import { warningCodes } from "../../protocol/warnings.ts";
import { projectRoot } from "../support/paths.ts";

/** rules.json names kinds that no transcript can meet. */
const naming = [basename(import.meta.filename), "rules.json"];

const sources = globSync(["test/**/*.test.ts", "protocol/conformance/*.json"], {
  cwd: projectRoot,
  exclude: ["**/node_modules"],
})
  .filter((file) => !naming.includes(basename(file)))
  .map((file) => readFileSync(join(projectRoot, file), "utf8"));

test.each([...Object.keys(errorKinds), ...Object.keys(warningCodes)])("%s is met by a test or a transcript", (name) => {
  expect(sources.some((source) => new RegExp(`\\b${name}\\b`).test(source))).toBe(true);
});

test.each(Object.values(wanted))("%s is met by a test or a transcript", (method) => {
  expect(sources.some((source) => source.includes(`"${method}"`))).toBe(true);
});
