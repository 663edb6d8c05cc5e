// docs/api.md is what `npm run docs` would write, and what has no doc comment is not passed over.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Modules } from "../../packaging/api/exports.ts";
import { apiPage, throwIfUndocumented } from "../../packaging/api/page.ts";
import { Page } from "../support/page.ts";

test("docs/api.md is what `npm run docs` would write", async () => {
  expect(new Page("docs/api.md").text).toBe(await apiPage());
});

test("an export without a doc comment is an error that names it, and so is a member", () => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-api-")));
  try {
    writeFileSync(join(directory, "tsconfig.json"), '{ "files": ["module.ts"] }');
    writeFileSync(
      join(directory, "module.ts"),
      `/** It is described. @throws Error always */
export function described(count: number, { more }: { more: boolean }): void { throw new Error(String(more) + count); }
export const bare = 1;
/** Some things. */
export class Things {
  /** One of them. */
  first = 1;
  second = 2;
  private third = 3;
  get all() { return [this.first, this.second, this.third]; }
}
`,
    );
    using modules = new Modules(join(directory, "tsconfig.json"));
    const exports = modules.exportsOf(join(directory, "module.ts"));
    const [described] = exports;
    expect(described).toMatchObject({ doc: "It is described.", throws: "Error always", kind: "function" });
    expect(described?.declaration).toBe("described(count: number, options: { more: boolean }): void");
    const named = ["module: bare", "module: Things.second", "module: Things.all"].join("\n  ");
    expect(() => throwIfUndocumented([{ name: "module", exports }])).toThrow(named);
    expect(() => throwIfUndocumented([{ name: "module", exports }])).not.toThrow(/first|third|described/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
