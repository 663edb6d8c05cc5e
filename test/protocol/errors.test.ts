// Every kind of error that the protocol knows is shown by a test.

import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { type ErrorKind, errorKinds } from "../../protocol/errors.ts";
import { projectRoot } from "../support/paths.ts";

/** Kinds that no test reaches, and why. */
const unreached: Partial<Record<ErrorKind, string>> = {};

const sources = globSync("test/**/*.test.ts", { cwd: projectRoot })
  .filter((file) => basename(file) !== basename(import.meta.filename))
  .map((file) => readFileSync(join(projectRoot, file), "utf8"));

test.each(Object.keys(errorKinds) as ErrorKind[])("%s is reached by a test", (kind) => {
  const isReached = sources.some((source) => new RegExp(`\\b${kind}\\b`).test(source));
  expect(isReached).toBe(unreached[kind] === undefined);
});
