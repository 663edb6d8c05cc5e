// docs/platforms.md and the release: each platform that the program is packed for has its row and its machine.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { targets } from "../../packaging/targets.ts";
import { Page } from "../support/page.ts";
import { projectRoot } from "../support/paths.ts";

const rows = new Page("docs/platforms.md").text.split("\n").filter((line) => line.startsWith("| "));
const workflow = readFileSync(join(projectRoot, ".github", "workflows", "release.yml"), "utf8");

test.each(targets)(
  "$name: a row that says how it was tested, and a machine that packs and tries it",
  ({ name, worker }) => {
    const [row = "", ...others] = rows.filter((line) => line.includes(`| \`${name}\` |`));
    expect([row !== "", others]).toEqual([true, []]);
    expect(row).toMatch(/\b(in CI|by the workflow|built only|as on)\b/i);
    expect(workflow).toContain(`target: ${name}, worker: ${worker}`);
  },
);

test("the workflow packs nothing else, and attaches nothing that was not tried", () => {
  const packed = [...workflow.matchAll(/target: ([a-z0-9-]+),/g)].map(([, name]) => name);
  expect(packed).toEqual(targets.map(({ name }) => name));
  expect(workflow).toMatch(/^ {2}publish:\n {4}needs: pack\n/m);
});

test("no platform is said to load no plugins", () => {
  expect(rows.filter((row) => /plugins do not load/i.test(row))).toEqual([]);
});
