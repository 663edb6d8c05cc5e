// Runs everything that the README shows.

import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lacks } from "../fixtures/tools.ts";
import manifest from "../package.json" with { type: "json" };
import { Host } from "./support/host.ts";
import { program, projectRoot } from "./support/paths.ts";
import { onTerminal } from "./support/terminal.ts";

const run = promisify(execFile);
const readme = readFileSync(join(projectRoot, "README.md"), "utf8");
const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", code = ""]) => ({
  language,
  code,
}));
const block = (language: string) => blocks.find((candidate) => candidate.language === language)?.code ?? "";
const compile = /`(cc -shared .*?)`/.exec(readme)?.[1] ?? "";

const ESCAPE = "\u001b[";
const [RED, GREEN, CYAN] = [31, 32, 36].map((colour) => `${ESCAPE}${colour}m`) as [string, string, string];

/** A reader's own directory: `dlrpc` on the PATH, the plugin built as the README says. */
let directory: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "dlrpc-readme-"));
  mkdirSync(join(directory, "bin"));
  const script = `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`;
  writeFileSync(join(directory, "bin", "dlrpc"), script, { mode: 0o755 });
  env = { ...process.env, PATH: `${join(directory, "bin")}${delimiter}${process.env.PATH}` };
  symlinkSync(join(projectRoot, "protocol"), join(directory, "protocol"));
  symlinkSync(join(projectRoot, "node_modules"), join(directory, "node_modules"));
  mkdirSync(join(directory, "plugins", "hello"), { recursive: true });
  writeFileSync(join(directory, "plugins", "hello", "plugin.json"), block("json"));
  writeFileSync(join(directory, "hello.c"), block("c"));
  await run("sh", ["-c", compile], { cwd: directory });
});

afterAll(() => rmSync(directory, { recursive: true }));

test("the two commands are written exactly so", () => {
  const commands = blocks.filter(({ language }) => language === "sh").map(({ code }) => code.trim());
  expect(commands.slice(0, 2)).toEqual(["npm ci && npm run demo", "npm ci && npm test"]);
});

test("each host has at most 20 lines", () => {
  for (const language of ["python", "js"]) {
    const lines = block(language)
      .split("\n")
      .filter((line) => line.trim() !== "");
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.length).toBeLessThanOrEqual(20);
  }
});

test.skipIf(lacks("python3"))("the host in Python", async () => {
  const { stdout } = await run("python3", ["-c", block("python")], { cwd: directory, env });
  expect(stdout).toBe("{'message': 'Hello!'}\n");
});

test("the host in JavaScript", async () => {
  writeFileSync(join(directory, "host.mjs"), block("js"));
  const { stdout } = await run(process.execPath, ["host.mjs"], { cwd: directory, env });
  expect(stdout).toBe("{ message: 'Hello!' }\n");
});

test("dlrpc exec", async () => {
  const command = blocks.find(({ code }) => code.startsWith("dlrpc exec"))?.code ?? "";
  const { stdout } = await run("sh", ["-c", command], { cwd: directory, env });
  expect(JSON.parse(stdout)).toMatchObject({ success: true, output: { message: "Hello!" } });
});

test("the plugin that takes its time", async () => {
  const [before = ""] = block("c").split(/^const char \*vtcode_plugin_execute/m);
  const patient = blocks.find(({ code }) => code.includes("dlrpc_should_stop"))?.code ?? "";
  writeFileSync(join(directory, "patient.c"), before + patient);
  mkdirSync(join(directory, "patient", "hello"), { recursive: true });
  writeFileSync(join(directory, "patient", "hello", "plugin.json"), block("json"));
  const command = compile.replace("plugins/hello", "patient/hello").replace(/hello\.c$/, "patient.c");
  await run("sh", ["-c", command.replace("cc ", "cc -Wall -Wextra -Werror ")], { cwd: directory });

  await using host = new Host({ trust: [join(directory, "patient")] });
  await host.result("initialize", { notifications: ["progress", "output", "log"] });
  const { handle } = await host.result("plugin/load", { name: "hello" });
  const { output } = await host.result("plugin/execute", { handle, progressToken: 1 });
  expect(output).toEqual({ pages: 100 });
  const pages = host.messages.filter(({ method }) => method === "plugin/output");
  expect(pages.map(({ params }) => params?.value)).toEqual(Array(100).fill("a page"));
  const told = host.messages.filter(({ method }) => method === "$/progress");
  const report = { kind: "report", percentage: 100, done: 100, total: 100, message: "Greeting" };
  expect(told.at(-2)?.params).toEqual({ token: 1, value: report });
});

test("dlrpc keygen, sign and verify", async () => {
  const commands = blocks.find(({ code }) => code.startsWith("dlrpc keygen"))?.code ?? "";
  const script = commands.replace("dlrpc keygen", "dlrpc keygen --no-password"); // there is no terminal to ask on
  const { stdout } = await run("sh", ["-ec", script], { cwd: directory, env });
  expect(stdout).toMatch(/sha256 of libhello\.so was added\n(.*\n)*.*plugins\/hello: signed with/);
});

test("the demo", async () => {
  const { stdout } = await run(process.execPath, [join(projectRoot, "fixtures", "demo.ts")], { cwd: directory, env });
  expect(stdout).toContain("fixtures/demo.ts:");
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
    const shown = onTerminal(demo, { ...env, CI: undefined });
    for (const colour of [CYAN, GREEN, RED]) expect(shown).toContain(colour);
    expect(shown).toMatch(/█+░* \d+ % /);
    const { stdout } = await run(demo[0], [demo[1]], { cwd: directory, env });
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

test("every link within the repository leads somewhere", () => {
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = ""]) => path);
  expect(links.length).toBeGreaterThan(5);
  for (const path of links) expect(() => readFileSync(join(projectRoot, path), { flag: "r" })).not.toThrow(/ENOENT/);
});
