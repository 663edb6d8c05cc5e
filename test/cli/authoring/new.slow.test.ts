// `dlrpc new`: each template builds with one command, and is a plugin for dlrpc, for VT Code, and for whoever checks it.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileProgram } from "../../../fixtures/compile.ts";
import { libraryName } from "../../../fixtures/plugins.ts";
import { lacks } from "../../../fixtures/tools.ts";
import { languages } from "../../../src/cli/authoring/verbs.ts";
import { Host } from "../../support/host.ts";
import { ownProgram, projectRoot } from "../../support/paths.ts";
import { run } from "../../support/run.ts";
import { KeyDirectory, succeed } from "../../support/signing.ts";

let directory: string;
let workspace: string;

beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-new-")));
  workspace = join(directory, "workspace");
  mkdirSync(workspace);
});
afterAll(() => rmSync(directory, { recursive: true }));

const newPlugin = (...args: string[]) => run(["new", ...args], { cwd: directory });

/** Needed beside make, and what makes warnings errors. */
const builds = {
  c: { tool: undefined, strict: { CFLAGS: "-O2 -Werror -Wpedantic -Wshadow -Wconversion" } },
  cpp: { tool: "c++", strict: { CXXFLAGS: "-O2 -Werror -Wpedantic -Wshadow -Wconversion" } },
  rust: { tool: "cargo", strict: { RUSTFLAGS: "-D warnings" } },
  go: { tool: "go", strict: {} },
  d: { tool: "gdc", strict: { DFLAGS: "-O2 -Werror" } },
} as const;

/** What VT Code reads plugin.json and the metadata into: what its structs demand, and of which type. */
function requireVtcodeForm(text: string): void {
  const found = JSON.parse(text);
  expect(found).toMatchObject({
    name: expect.any(String),
    description: expect.any(String),
    version: expect.any(String),
    abi_version: 1,
  });
}

test("there is a template for each language that it takes, and no other", () => {
  expect(readdirSync(join(projectRoot, "templates")).sort()).toEqual([...languages].sort());
  expect(Object.keys(builds).sort()).toEqual([...languages].sort());
});

describe.each(languages)("%s", (language) => {
  const { tool, strict } = builds[language];
  const isLeftOut = lacks("make") || (tool !== undefined && lacks(tool));
  const name = `first-${language}`;

  test.skipIf(isLeftOut)("is built, called, validated, signed, verified, and called under strict", async () => {
    const { status, stdout, stderr } = await newPlugin(name, "--lang", language);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`Made ${name}. Next:`);
    const home = join(directory, name);
    const files = readdirSync(home, { recursive: true, encoding: "utf8" });
    const texts = files.filter((file) => file !== "src").map((file) => readFileSync(join(home, file), "utf8"));
    expect(texts.filter((text) => text.includes("my-plugin"))).toEqual([]);
    expect((await newPlugin(name, "--lang", language)).stderr).toMatch(
      /^dlrpc: first-\w+ is there already, and not emp/,
    );

    const built = { cwd: home, env: { ...process.env, ...strict }, stdio: "pipe" } as const;
    execFileSync("make", ["dist"], built);
    if (language === "go") {
      execFileSync("go", ["vet", "."], built);
      expect(execFileSync("gofmt", ["-l", "."], built).toString()).toBe("");
    }

    const args = ["exec", ".", "--input", "@input.json", "--workspace", workspace, "--config", '{"depth":2}'];
    for (const profile of ["standard", "strict"]) {
      const { status, stdout, stderr } = await run([...args, "--sandbox", profile], { cwd: home });
      expect(JSON.parse(stdout)).toEqual({
        success: true,
        output: { input: { text: "Hello" }, workspace_root: workspace, config: { depth: 2 } },
        error: null,
        files: [],
      });
      expect([status, stderr]).toEqual([0, ""]);
    }

    const shipped = join(home, "dist", name);
    using keys = new KeyDirectory();
    const key = await keys.generate("author");
    await succeed(["sign", shipped, "--key", key.secret]);
    await succeed(["verify", shipped, "--key", key.public]);
    await using host = new Host({ trust: [join(home, "dist")], args: ["--require-signature", key.public] });
    expect(await host.result("plugin/validate", { path: shipped })).toMatchObject({ valid: true, problems: [] });
    const sandbox = { profile: "strict", require: true };
    const { handle, warnings, metadata } = await host.result("plugin/load", { name, sandbox });
    expect([metadata.name, warnings]).toEqual([name, []]);
    const { output } = await host.result("plugin/execute", { handle, input: { text: "\u00e9\n" } });
    expect(output).toEqual({ input: { text: "\u00e9\n" }, workspace_root: null, config: {} });
  });

  test.skipIf(isLeftOut)("is a plugin for VT Code's loader, which demands abi_version", async () => {
    const home = join(directory, name);
    const loader = join(directory, "vtcode-loader");
    await compileProgram(join(projectRoot, "test", "support", "vtcode-loader.c"), loader, ["-ldl"]);
    const context = JSON.stringify({ input: { text: "a" }, workspace_root: null, config: {} });
    const library = join(home, libraryName(name));
    const said = execFileSync(loader, [library, context, context], { encoding: "utf8" });
    requireVtcodeForm(readFileSync(join(home, "plugin.json"), "utf8"));
    const [result, again] = said.trimEnd().split("\n").slice(-2);
    requireVtcodeForm(said.slice(0, said.indexOf(`${result}\n${again}`)));
    expect(result).toBe(again);
    expect(JSON.parse(result as string)).toEqual({
      success: true,
      output: JSON.parse(context),
      error: null,
      files: [],
    });
  });
});

test.each([
  [["a/b", "--lang", "c"], /^dlrpc: "a\/b" is no plugin's name: 1 to 64 of A-Z/],
  [[".hidden", "--lang", "c"], /^dlrpc: "\.hidden" is no plugin's name/],
  [["a\u001b[31m", "--lang", "c"], /^dlrpc: "a\\u001b\[31m" is no plugin's name/],
  [["x".repeat(65), "--lang", "c"], /is no plugin's name: 1 to 64/],
  [["fresh", "--lang", "zig"], /^dlrpc: --lang is `zig`, one of c, cpp, rust, go, d is needed/],
  [["fresh"], /^dlrpc: new needs --lang, one of c, cpp, rust, go, d/],
  [["--lang", "c"], /^dlrpc: new needs the plugin's name: dlrpc new NAME --lang c/],
  [["fresh", "more", "--lang", "c"], /^dlrpc: `more` is one too many/],
])("new %j is refused in one sentence, and makes nothing", async (args, message) => {
  const before = readdirSync(directory);
  const { status, stdout, stderr } = await newPlugin(...args);
  expect([status, stdout, stderr]).toEqual([2, "", expect.stringMatching(message)]);
  expect(stderr).toMatch(/^[^\n]*\n$/);
  expect(readdirSync(directory)).toEqual(before);
});

test("a file in its place is refused, and what is there is left alone", async () => {
  writeFileSync(join(directory, "taken"), "mine");
  const file = await newPlugin("taken", "--lang", "c");
  expect([file.status, file.stderr]).toEqual([
    2,
    "dlrpc: taken is there already, and no directory; take another name\n",
  ]);
  expect(readFileSync(join(directory, "taken"), "utf8")).toBe("mine");
});

test("an empty directory is filled", async () => {
  mkdirSync(join(directory, "empty"));
  expect((await newPlugin("empty", "--lang", "c")).status).toBe(0);
  expect(readdirSync(join(directory, "empty"))).toContain("plugin.c");
});

test.each([
  [
    "is read-only",
    "-o ro",
    /^dlrpc: late cannot be made \(EROFS: .*\); choose a directory in which you can make one\n$/,
  ],
  ["is full", "-o size=16k", /^dlrpc: late\/\S+ cannot be made \(ENOSPC: .*\); remove late, and make room for it\n$/],
])("where the disk %s, it is said in a sentence", async (_, options, says) => {
  const script = `mount -t tmpfs ${options} none .; cd "$PWD"; exec "$@"`;
  const program = ["unshare", "--map-root-user", "--mount", "sh", "-euc", script, "sh", ...ownProgram];
  const { status, stdout, stderr } = await run(["new", "late", "--lang", "go"], { program, cwd: workspace });
  expect([status, stdout, stderr]).toEqual([2, "", expect.stringMatching(says)]);
});
