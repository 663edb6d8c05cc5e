// Runs everything that the README shows.

import { execFile, spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import manifest from "../../package.json" with { type: "json" };
import { Page, Reader } from "../support/page.ts";
import { projectRoot } from "../support/paths.ts";
import { onTerminal } from "../support/terminal.ts";

const run = promisify(execFile);
const page = new Page("README.md");
const block = (language: string) => page.code(language)[0] ?? "";
const [, , author = "", operator = ""] = page.code("sh");

const ESCAPE = "\u001b[";
const [RED, GREEN, CYAN] = [31, 32, 36].map((colour) => `${ESCAPE}${colour}m`) as [string, string, string];

test("the two commands are written exactly so", () => {
  const commands = page.code("sh").map((code) => code.trim());
  expect(commands.slice(0, 2)).toEqual(["npm ci && npm run demo", "npm ci && npm test"]);
});

test("it is short, and an agent's entry is in its first screen", () => {
  const lines = page.text.split("\n");
  expect(lines.length).toBeLessThan(130);
  expect(lines.findIndex((line) => line.includes('"mcpServers"'))).toBeLessThan(30);
});

describe.skipIf(lacks("make"))("a minute for", () => {
  let reader: Reader;
  let printed: string;

  beforeAll(async () => {
    reader = new Reader();
    printed = await reader.run(author);
  });

  afterAll(() => reader[Symbol.dispose]());

  test("an author", () => {
    expect(JSON.parse(printed.trim().split("\n").at(-1) ?? "").output.input).toEqual({ text: "Hello" });
  });

  test("an agent", async () => {
    const command = page.commands.find((one) => one.startsWith("dlrpc mcp")) ?? "";
    const { mcpServers } = JSON.parse(await reader.run(command));
    const [entry] = Object.values(mcpServers) as { args: string[] }[];
    expect(entry?.args.slice(-2)).toEqual(["mcp", `--trust=${join(reader.path, "plugins")}`]);
  });

  test("an editor", async () => {
    reader.write("editor.mjs", block("js"));
    expect(await reader.run(`'${process.execPath}' editor.mjs`)).toContain("input: { text: 'Hello, Ada' }");
  });

  test("an operator", async () => {
    const commands = operator.replace("dlrpc keygen", "dlrpc keygen --no-password"); // there is no terminal to ask on
    const said = await reader.run(commands);
    expect(said).toMatch(/sha256 of libhello\.so was added\n/);
    expect(said.trim().split("\n").at(-1)).toContain("hello");
  });
});

test("the demo", async () => {
  const { stdout } = await run(process.execPath, [join(projectRoot, "fixtures", "demo.ts")], { cwd: tmpdir() });
  expect(stdout).toMatch(/^ *[\w./-]+\.\w+:\d+: .*PLUGIN_CRASHED/m);
  expect(stdout).toMatch(/ \d+ hits in \d+ files, .*; \d+ reports of its progress, the last of 100 %\n/);
  expect(stdout).toContain('"kind":"REQUEST_CANCELLED"');
  expect(stdout).toContain("The same process, and the same index: ");
  expect(stdout).toContain("signal SIGSEGV");
  expect(stdout).toContain("dlrpc ended with status 0");
});

test.skipIf(lacks("script"))(
  "the demo shows the wire in colour and a bar on a terminal, and neither elsewhere",
  async () => {
    const demo = [process.execPath, join(projectRoot, "fixtures", "demo.ts")] as const;
    const shown = onTerminal(demo, { ...process.env, CI: undefined });
    for (const colour of [CYAN, GREEN, RED]) expect(shown).toContain(colour);
    expect(shown).toMatch(/█+░* \d+ % /);
    const { stdout } = await run(demo[0], [demo[1]], { cwd: tmpdir() });
    for (const mark of [ESCAPE, "█"]) expect(stdout).not.toContain(mark);
  },
);

test.each(["demo", "test"])("without a C compiler `npm run %s` is one line that says what to install", (script) => {
  const [first = ""] = manifest.scripts[script as "demo" | "test"].split(" && ");
  const [, file = ""] = first.split(" ");
  const noCompiler = { PATH: "/nowhere", HOME: "/nonexistent" };
  const { status, stderr } = spawnSync(process.execPath, [join(projectRoot, file)], {
    env: noCompiler,
    encoding: "utf8",
  });
  expect(stderr).toMatch(/^No C compiler: `cc` was not found on PATH\. Install one: apt-get install gcc .*\n$/);
  expect(status).toBe(1);
});
