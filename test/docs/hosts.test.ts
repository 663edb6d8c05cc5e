// docs/hosts.md: every piece of it runs, in a directory that has what it says.

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { cleanEnvironment } from "../client/support.ts";
import { Page } from "../support/page.ts";
import { goCache, plugin, program, projectRoot } from "../support/paths.ts";
import { TemporaryDirectory } from "../support/temporary-directory.ts";

const { text, blocks } = new Page("docs/hosts.md");

/** The piece in a language that holds a text. */
function piece(language: string, mark: string): string {
  const found = blocks.filter((block) => block.language === language && block.code.includes(mark));
  expect(found, `${language}, ${mark}`).toHaveLength(1);
  return found[0]?.code ?? "";
}

const project = new TemporaryDirectory();
const at = (...names: string[]) => join(project.path, ...names);
const bin = at("bin");
const env = {
  ...cleanEnvironment,
  LC_ALL: "C.UTF-8",
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  PYTHONPATH: join(projectRoot, "protocol"),
  PYTHONDONTWRITEBYTECODE: "1",
  HOME: project.path, // in which Neovim writes
  XDG_STATE_HOME: project.path,
  GOCACHE: goCache,
  GOTOOLCHAIN: "local",
};

function put(name: string, content: string, mode = 0o644): void {
  writeFileSync(at(name), content, { mode });
}

const start = promisify(execFile);

async function run(file: string, ...args: string[]) {
  const { stdout, stderr } = await start(file, args, {
    cwd: project.path,
    env,
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  return { stdout, stderr };
}

/** Runs a piece of JavaScript, as a module. */
async function runModule(code: string, ...args: string[]) {
  put("host.mjs", code);
  return await run(process.execPath, "host.mjs", ...args);
}

const greeting = "Hello, Ada!\n";

beforeAll(() => {
  for (const directory of ["bin", "node_modules", "plugins"]) mkdirSync(at(directory), { mode: 0o755 });
  cpSync(plugin("hello-world"), at("plugins", "hello-world"), { recursive: true });
  symlinkSync(projectRoot, at("node_modules", "dlrpc"));
  symlinkSync(join(projectRoot, "node_modules", "vscode-jsonrpc"), at("node_modules", "vscode-jsonrpc"));
  put("bin/dlrpc", `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, 0o755);
});

afterAll(() => project[Symbol.dispose]());

describe("JavaScript", () => {
  test("the client", async () => {
    expect(await runModule(piece("js", "PLUGIN_CRASHED"))).toEqual({ stdout: greeting, stderr: "" });
  });

  test("a dlrpc that comes back", async () => {
    const { stdout, stderr } = await runModule(piece("js", "gaveUp"));
    expect({ stdout, stderr }).toEqual({ stdout: `restarting 1 SIGKILL\nrestarted 0\n${greeting}`, stderr: "" });
  });

  test("vscode-jsonrpc", async () => {
    expect(await runModule(piece("js", "vscode-jsonrpc"))).toEqual({ stdout: greeting, stderr: "" });
  });

  // There is no VS Code to be had. What the extension uses of it is as its documentation says.
  test("an extension of VS Code, bundled as it says", async () => {
    put("extension.ts", piece("ts", "vscode"));
    const [, command = ""] = /bundled with `esbuild (.*?)`/s.exec(text) ?? [];
    expect(command.replaceAll("\n", " ")).toBe(
      "extension.ts --bundle --platform=node --external:vscode --outfile=extension.js",
    );
    const { warnings } = await build({
      ...({ absWorkingDir: project.path, entryPoints: ["extension.ts"], outfile: at("extension.js") } as const),
      ...({ bundle: true, platform: "node", external: ["vscode"], logLevel: "silent" } as const),
    });
    expect(warnings).toEqual([]);
    mkdirSync(at("node_modules", "vscode"));
    put(
      "node_modules/vscode/index.js",
      `const commands = new Map();
      exports.workspace = {};
      exports.window = { showInformationMessage: async (message) => console.log(message) };
      exports.commands = { registerCommand: (name, run) => commands.set(name, run), run: (name) => commands.get(name)() };`,
    );
    put(
      "editor.cjs",
      `const { activate, deactivate } = require("./extension.js");
      activate({ asAbsolutePath: (name) => require("node:path").resolve(name), subscriptions: [] });
      require("vscode").commands.run("hello.greet").then(deactivate);`,
    );
    expect(await run(process.execPath, "editor.cjs")).toEqual({ stdout: greeting, stderr: "" });
  });

  // ssh joins what it is given and has a shell read it, the others hand it on as it is. No server of theirs is needed for
  // that, and none is to be had.
  test.each([
    ["ssh", 'shift 2; exec sh -c "$*"', "plugins"],
    ["docker", `while [ "$1" != tools ]; do shift; done; shift; exec "$@"`, "plugins"],
    ["kubectl", `while [ "$1" != -- ]; do shift; done; shift; exec "$@"`, "plugins"],
  ])("on another machine, by %s", async (name, script, trust) => {
    put(`bin/${name}`, `#!/bin/sh\n${script}\n`, 0o755);
    const way = name === "kubectl" ? "kubernetes" : name;
    expect(await runModule(piece("js", "kubectl"), way, trust)).toEqual({ stdout: greeting, stderr: "" });
  });
});

describe.skipIf(lacks("python3"))("Python", () => {
  test.each([
    ["the client", "PluginCrashedError", greeting],
    ["with asyncio", "asyncio.gather", "Hello, Ada! Hello, Zoë!\n"],
    ["lines", "subprocess.Popen", greeting],
  ])("%s", async (_, mark, stdout) => {
    expect(await run("python3", "-c", piece("python", mark))).toEqual({ stdout, stderr: "" });
  });
});

test.skipIf(lacks("nvim"))("Neovim", async () => {
  put("greet.lua", piece("lua", "vim.lsp.rpc"));
  const { stdout, stderr } = await run("nvim", "--headless", "-u", "NONE", "-S", "greet.lua");
  expect((stdout + stderr).trim()).toBe(greeting.trim()); // print goes to either, by Neovim's version
});

test.skipIf(lacks("emacs"))("Emacs", async () => {
  put("greet.el", piece("elisp", "jsonrpc"));
  expect(await run("emacs", "-Q", "--script", "greet.el")).toMatchObject({ stdout: greeting });
});

test.skipIf(lacks("go"))("Go", async () => {
  put("greet.go", piece("go", "package main"));
  expect(await run("go", "run", "greet.go")).toEqual({ stdout: greeting, stderr: "" });
});

test("nothing is shown that is not run", () => {
  expect(blocks.map(({ language }) => language).toSorted()).toEqual(
    ["elisp", "go", "js", "js", "js", "js", "lua", "python", "python", "python", "ts"].toSorted(),
  );
});
