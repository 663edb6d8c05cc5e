// Hosts in many languages, each speaking as the people of that language do: all play the same scenario.

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lacks, type ToolName } from "../../fixtures/tools.ts";
import { fixturesDirectory, program, projectRoot } from "../support/paths.ts";

interface Language {
  needs: readonly ToolName[];
  /** What compiles the host, run in the host's own directory. */
  build?: (output: string) => string[];
  /** What runs the host, before its arguments. */
  run: (directory: string, output: string) => string[];
  /** Whether it shows partial results, too. */
  streams?: true;
  /** What it prints otherwise than all others. */
  differs?: Partial<typeof scenario>;
}

const scenario = {
  initialize: "dlrpc",
  load: "hello-world",
  execute: "Hello, Zoë 世界 🦀!",
  log: "printed to stdout",
  cancel: "REQUEST_CANCELLED",
  stream: "0 1 2",
  error: "UNKNOWN_HANDLE",
  exit: "0",
};

const hosts = join(projectRoot, "fixtures", "hosts");

const languages: Record<string, Language> = {
  c: {
    needs: [],
    build: (output) => ["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-o", output, "host.c"],
    run: (_, output) => [output],
  },
  "emacs-lisp": {
    needs: ["emacs"],
    run: (directory) => ["emacs", "-Q", "--script", join(directory, "host.el")],
  },
  go: {
    needs: ["go"],
    build: (output) => ["go", "build", "-buildvcs=false", "-o", output, "."],
    run: (_, output) => [output],
  },
  java: {
    needs: ["javac"],
    run: (directory) => ["java", join(directory, "Host.java")],
  },
  lua: {
    needs: ["nvim"],
    run: (directory) => ["nvim", "--headless", "-u", "NONE", "-S", join(directory, "host.lua"), "--"],
    streams: true,
    // Neovim tells nobody what the answer to a cancelled request says, only that it is there.
    differs: { cancel: "over" },
  },
  python: {
    needs: ["python3"],
    run: (directory) => ["python3", join(directory, "host.py")],
    streams: true,
  },
  rust: {
    needs: ["rustc"],
    build: (output) => ["rustc", "--edition", "2021", "-D", "warnings", "-o", output, "host.rs"],
    run: (_, output) => [output],
  },
  shell: {
    needs: ["jq"],
    run: (directory) => ["sh", join(directory, "host.sh")],
  },
  typescript: {
    needs: [],
    run: (directory) => [process.execPath, join(directory, "host.ts")],
  },
  "typescript-client": {
    needs: [],
    run: (directory) => [process.execPath, join(directory, "host.ts")],
    streams: true,
  },
};

/** Past this a host counts as hanging. */
const limit = 120_000;

let temporary: string;

beforeAll(() => {
  temporary = mkdtempSync(join(tmpdir(), "dlrpc-hosts-"));
});

afterAll(() => rmSync(temporary, { recursive: true }));

const execute = promisify(execFile);

/** @returns the path of the program, of which no part was downloaded */
async function compile(build: NonNullable<Language["build"]>, directory: string): Promise<string> {
  const output = join(temporary, basename(directory));
  const [command = "", ...args] = build(output);
  await execute(command, args, { cwd: directory, env: { ...process.env, GOPROXY: "off", GOTOOLCHAIN: "local" } });
  return output;
}

/** Lets a host play the scenario. @returns what it printed, also when it failed or hung */
async function play(command: string[]): Promise<{ stdout: string; stderr: string }> {
  const [file = "", ...args] = [...command, fixturesDirectory, process.execPath, program, "serve"];
  const locale = { LC_ALL: "C.UTF-8", LANG: "C.UTF-8" };
  const directories = { XDG_CACHE_HOME: temporary, XDG_DATA_HOME: temporary, XDG_STATE_HOME: temporary }; // Neovim's
  const env = { ...process.env, ...locale, ...directories, DLRPC_TRUSTED_DIRS: "" };
  return execute(file, args, { env, timeout: limit, killSignal: "SIGKILL" }).catch((error) => ({
    stdout: error.stdout,
    stderr: error.message,
  }));
}

for (const [name, language] of Object.entries(languages)) {
  const directory = join(hosts, name);
  test.skipIf(language.needs.some(lacks))(`the host in ${name}`, { timeout: 2 * limit }, async () => {
    const { build, run, streams = false, differs } = language;
    const output = build === undefined ? "" : await compile(build, directory);
    const { stdout, stderr } = await play(run(directory, output));
    const steps = Object.entries({ ...scenario, ...differs }).filter(([step]) => streams || step !== "stream");
    const lines = steps.map(([step, what]) => `${step}: ${what}\n`);
    expect(stdout, stderr).toBe(lines.join(""));
  });
}

test("no host is left out", () => {
  expect(readdirSync(hosts).toSorted()).toEqual(Object.keys(languages));
});

test("each host is short, and says first what it shows", () => {
  const files = Object.keys(languages).flatMap((name) =>
    readdirSync(join(hosts, name)).map((file) => join(name, file)),
  );
  for (const file of files) {
    const text = readFileSync(join(hosts, file), "utf8");
    expect(text, file).toMatch(/^(#!.*\n)?(\/\/|\/\*|#|--|;;|""")/);
    expect(text.split("\n").length, file).toBeLessThanOrEqual(80); // the last line end counts for one
  }
});
