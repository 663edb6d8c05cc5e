// The plugins of fixtures/plugins do their job through dlrpc.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";

class Workspace implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "dlrpc-workspace-"));

  constructor(files: Record<string, string>) {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.path, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

test("code-search finds the lines that match in the workspace, less what is excluded", async () => {
  using workspace = new Workspace({
    "main.c": "int main(void) {\n  return 0; // TODO: more\n}\n",
    "lib/deep/util.c": "/* todo */\nint x; // TODO\n",
    "lib/clean.c": "int y;\n",
    "build/out.c": "// TODO: generated\n",
    "notes.md": "TODO\n",
  });
  await using host = new Host();
  const handle = await host.load("code-search", { config: { exclude: ["build/", "*.md"] } });
  const search = async (input: object, params: object = {}) =>
    (await host.result("plugin/execute", { handle, input, workspaceRoot: workspace.path, ...params })).output;

  const { matches, filesSearched, truncated } = await search({ pattern: "TODO" });
  expect(matches).toEqual([
    { path: "lib/deep/util.c", line: 2, column: 11, text: "int x; // TODO" },
    { path: "main.c", line: 2, column: 16, text: "  return 0; // TODO: more" },
  ]);
  expect({ filesSearched, truncated }).toEqual({ filesSearched: 3, truncated: false });

  const paths = ({ matches }: { matches: { path: string }[] }) => matches.map(({ path }) => path);
  expect(paths(await search({ pattern: "to ?do", ignoreCase: true, path: "lib" }))).toEqual([
    "lib/deep/util.c",
    "lib/deep/util.c",
  ]);
  expect(paths(await search({ pattern: "TODO" }, { config: {} }))).toEqual([
    "build/out.c",
    "lib/deep/util.c",
    "main.c",
    "notes.md",
  ]);
});

test("code-search refuses what leads out of the workspace", async () => {
  using workspace = new Workspace({ "a.txt": "a\n" });
  await using host = new Host();
  const handle = await host.load("code-search");
  const input = { pattern: "a", path: "../" };
  const { success, error } = await host.result("plugin/execute", { handle, input, workspaceRoot: workspace.path });
  expect(success).toBe(false);
  expect(error).toContain("..");
});

test("hello-world greets", async () => {
  await using host = new Host();
  const handle = await host.load("hello-world");
  const greet = async (input: object) => (await host.result("plugin/execute", { handle, input })).output.message;
  expect(await greet({})).toBe("Hello, world!");
  expect(await greet({ name: 'Zoë "Z"' })).toBe('Hello, Zoë "Z"!');
});

test.skipIf(!existsSync(plugin("word-count")))("word-count, written in Rust, counts", async () => {
  await using host = new Host();
  const handle = await host.load("word-count");
  const { output } = await host.result("plugin/execute", { handle, input: { text: "one two\nthrée\n" } });
  expect(output).toEqual({ words: 3, lines: 2, bytes: 15 });
  const { success, error } = await host.result("plugin/execute", { handle });
  expect({ success, error: error.slice(0, 17) }).toEqual({ success: false, error: '"text" is missing' });
});

test.skipIf(!existsSync(plugin("thread-local")))("thread-local, written in C++, counts by thread", async () => {
  await using host = new Host({ args: ["--concurrency", "4"] });
  const handle = await host.load("thread-local");
  const ids = Array.from({ length: 100 }, () => host.start("plugin/execute", { handle }));
  const calls = await Promise.all(ids.map(async (id) => (await host.answer(id)).result.output.calls));
  // Each thread counts from 1 without a gap, so however the calls were spread: who counted n had counted n - 1.
  const times = (n: number) => calls.filter((count) => count === n).length;
  expect(times(1)).toBeGreaterThanOrEqual(1);
  expect(times(1)).toBeLessThanOrEqual(4);
  for (let n = 2; n <= 100; n++) expect(times(n)).toBeLessThanOrEqual(times(n - 1));
});
