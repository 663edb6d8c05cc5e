// CHANGELOG.md names everything that users can name: a name that is new is a change.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorKinds } from "../../protocol/error-kinds.ts";
import { hostNotifications, methods, notifications } from "../../protocol/methods.ts";
import { warningCodes } from "../../protocol/warnings.ts";
import { verbs } from "../../src/cli/verbs.ts";
import { Page } from "../support/page.ts";
import { projectRoot } from "../support/paths.ts";

/** The members of params, of answers, of notifications and of errors' data. */
function members(): string[] {
  const found = new Set<string>();
  JSON.parse(readFileSync(join(projectRoot, "protocol", "openrpc.json"), "utf8"), (key, value) => {
    if (key === "properties") for (const name of Object.keys(value)) found.add(name);
    if (key === "params") for (const { name } of value) found.add(name);
    return value;
  });
  return [...found];
}

const kinds = {
  verbs: verbs.map(({ name }) => name),
  options: verbs.flatMap(({ options }) => Object.keys(options).map((name) => `--${name}`)),
  "methods and notifications": Object.keys({ ...methods, ...hostNotifications, ...notifications }),
  members: members(),
  errors: Object.keys(errorKinds),
  warnings: Object.keys(warningCodes),
};

/** What stands in backticks. */
const words = new Set(new Page("CHANGELOG.md").spans.flatMap((span) => span.match(/[\w$/.-]*\w/g) ?? []));

test.each(Object.entries(kinds))("it names all %s", (_, names) => {
  expect(names.length).toBeGreaterThan(10);
  expect([...new Set(names)].filter((name) => !words.has(name))).toEqual([]);
});
