// build.cmd of the templates as cmd.exe understands it, and how `dlrpc dev` runs it: with a stand-in for the compiler.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { buildCommand } from "../../../src/cli/authoring/build-command.ts";
import { runBuild } from "../../../src/cli/authoring/dev/build.ts";
import { pluginPath } from "./windows-worker.ts";

/** By its whole path: what is found by PATH is what a test says. */
const shell = join(String(process.env.SystemRoot), "system32", "cmd.exe");
const standIn = "Z:\\work\\plugins\\stand-in-compiler.exe";
/** With a space and letters that are not ASCII, as directories of users have. */
const scratch = "Z:\\work\\größe 名前";
const library = { STAND_IN: pluginPath("by-ucrt") };

interface Built {
  readonly status: number | null;
  readonly stderr: string;
  readonly home: string;
  /** What the compiler was called, and given. */
  readonly arguments: string;
}

/** @param compilers that are found by PATH */
function build(
  name: string,
  language: string,
  compilers: readonly string[],
  env: NodeJS.ProcessEnv,
  ...args: string[]
): Built {
  const [home, programs] = [join(scratch, name), join(scratch, `${name}-programs`)];
  cpSync(`Z:\\work\\templates\\new-${language}`, home, { recursive: true });
  mkdirSync(programs);
  for (const compiler of compilers) cpSync(standIn, join(programs, `${compiler}.exe`));
  const { status, stderr } = spawnSync(shell, ["/d", "/c", join(home, "build.cmd"), ...args], {
    cwd: "Z:\\work", // it builds where it lies
    env: { ...env, PATH: programs, SystemRoot: process.env.SystemRoot },
    encoding: "utf8",
  });
  const said = join(home, "arguments.txt");
  return { status, stderr, home, arguments: existsSync(said) ? readFileSync(said, "utf8").replaceAll("\r", "") : "" };
}

for (const [language, gnu, source] of [
  ["c", "gcc", "plugin.c"],
  ["cpp", "g++", "plugin.cpp"],
] as const) {
  test(`build.cmd for ${language} takes ${gnu}, makes the library beside plugin.json, and nothing else`, () => {
    const { status, home, arguments: given } = build(`plain-${language}`, language, [gnu], library);
    assert.equal(status, 0);
    assert.match(
      given,
      new RegExp(`^${gnu.replaceAll("+", "\\+")}\\n[^/]*\\n-o\\nnew-${language}\\.dll\\n${source}\\n$`),
    );
    assert.ok(existsSync(join(home, `new-${language}.dll`)));
    assert.ok(!existsSync(join(home, "dist")));
  });

  test(`build.cmd for ${language} takes cl where that is there, and dist is what is to be shipped`, () => {
    const { status, home, arguments: given } = build(`dist-${language}`, language, [gnu, "cl"], library, "dist");
    assert.equal(status, 0);
    assert.match(
      given,
      new RegExp(`^cl\\n/nologo\\n.*/LD\\n.*\\n${source}\\n/link\\n.*/OUT:new-${language}\\.dll\\n`, "s"),
    );
    for (const name of ["plugin.json", `new-${language}.dll`])
      assert.ok(existsSync(join(home, "dist", `new-${language}`, name)), name);
  });

  test(`build.cmd for ${language} fails with its compiler, and ships nothing`, () => {
    const { status, home } = build(`fails-${language}`, language, [gnu], {}, "dist");
    assert.equal(status, 1);
    assert.ok(!existsSync(join(home, "dist")));
  });

  test(`build.cmd for ${language} says what to do where there is no compiler`, () => {
    const { status, stderr } = build(`lacks-${language}`, language, [], {});
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^There is no C(\+\+)? compiler on the PATH: run this in a Developer Command Prompt, or install \S+ or \S+\.\s*$/,
    );
  });
}

const signals = { interrupted: new AbortController().signal, hurried: new AbortController().signal };

test("dlrpc dev runs build.cmd, and says with which status it failed", async () => {
  const home = build("dev", "c", ["gcc"], library).home;
  const command = buildCommand(home, "windows");
  assert.deepEqual(command, ["cmd.exe", "/d", "/c", "build.cmd"]);
  assert.equal(await runBuild(["cmd.exe", "/d", "/c", "exit 7"], home, signals), "status 7");
  assert.match(
    String(await runBuild(["no-such-program"], home, signals)),
    /^`no-such-program` cannot be run: .*ENOENT/,
  );
  process.env.CC = standIn;
  process.env.STAND_IN = library.STAND_IN;
  assert.equal(await runBuild(command ?? [], home, signals), undefined);
  assert.ok(readFileSync(join(home, "arguments.txt"), "utf8").startsWith(standIn));
});

/** A build that starts something that stays, and says which process that is. */
function leavesBehind(name: string, ends: boolean): string[] {
  const script = join(scratch, `${name}.cjs`);
  const idle = JSON.stringify("Z:\\work\\plugins\\idle.exe");
  const told = JSON.stringify(join(scratch, `${name}.pid`));
  const text = `const { spawn } = require("node:child_process");
    const { renameSync, writeFileSync } = require("node:fs");
    const child = spawn(${idle}, [], { stdio: "ignore", detached: true });
    writeFileSync(${told} + ".part", String(child.pid));
    renameSync(${told} + ".part", ${told}); // whole from the start
    child.unref();
    ${ends ? "" : "setInterval(() => {}, 60_000);"}`;
  writeFileSync(script, text);
  return [process.execPath, script];
}

async function hasGone(name: string): Promise<void> {
  const pid = Number(readFileSync(join(scratch, `${name}.pid`), "utf8"));
  assert.ok(pid > 0);
  while (isThere(pid)) await setImmediate();
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ESRCH");
    return false;
  }
}

test("nothing that a build has started outlives it", async () => {
  assert.equal(await runBuild(leavesBehind("ends", true), scratch, signals), undefined);
  await hasGone("ends");
});

test("a build that is interrupted ends with all that it has started", async () => {
  const interrupted = new AbortController();
  const command = leavesBehind("interrupted", false);
  const build = runBuild(command, scratch, { ...signals, interrupted: interrupted.signal });
  while (!existsSync(join(scratch, "interrupted.pid"))) await setImmediate();
  interrupted.abort();
  assert.match(String(await build), /^status 1$/);
  await hasGone("interrupted");
});
