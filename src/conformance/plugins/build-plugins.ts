// Building the plugins that transcripts load, with a C compiler, which may be one for another system.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryDirectory } from "../server/workplace.ts";
import { recipes, sources } from "../transcript/assets.ts";
import type { PluginRecipe, System } from "../transcript/format.ts";
import { libraryOf, makePlugin, NoPlugins } from "./plugins.ts";

const run = promisify(execFile);

interface Compiler {
  readonly command: string;
  readonly first: readonly string[];
  /** What it compiles for. */
  readonly system: System;
}

/** By default on POSIX systems, and those that come without it. */
const usual = ["cc", "gcc", "clang"];

/**
 * Builds plugins, each in a directory of its name; what there is already is built anew.
 * @param jobs how many at once
 * @param wanted which, and for which system; by default all that there are for the compiler's
 * @returns the system that they are for, and how many there are
 * @throws NoPlugins
 */
export async function buildPlugins(
  directory: string,
  jobs: number,
  wanted?: { readonly names: readonly string[]; readonly system: string },
): Promise<{ system: System; count: number }> {
  const compiler = await findCompiler();
  const { system } = compiler;
  if (wanted !== undefined && wanted.system !== system) {
    throw new NoPlugins(
      `\`${compiler.command}\` compiles for ${system}, and ${wanted.system} is needed: name a compiler for it with $CC`,
    );
  }
  const isChosen = (name: string, { notOn }: PluginRecipe) =>
    wanted === undefined ? notOn[system] === undefined : wanted.names.includes(name);
  const chosen = Object.entries(recipes).filter(([name, recipe]) => isChosen(name, recipe));
  const sourceDirectory = await temporaryDirectory();
  try {
    for (const { name, text } of sources) await writeFile(join(sourceDirectory, name), text);
    const left = [...chosen];
    const work = async () => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        const [name, recipe] = next;
        await makePlugin(directory, name);
        await compile(compiler, recipe, sourceDirectory, libraryOf(directory, name, system));
      }
    };
    await Promise.all(Array.from({ length: jobs }, work));
  } finally {
    await rm(sourceDirectory, { recursive: true, force: true });
  }
  return { system, count: chosen.length };
}

async function compile(
  { command, first, system }: Compiler,
  { source, defines }: PluginRecipe,
  sourceDirectory: string,
  output: string,
): Promise<void> {
  const args = [
    ...["-std=c11", "-O1", "-shared", "-pthread", "-fvisibility=hidden"],
    system === "win32" ? "-static" : "-fPIC", // else it would need the compiler's library for threads beside it
    ...Object.entries(defines).map(([name, value]) => `-D${name}${asDefinition(value)}`),
    ...[`-I${sourceDirectory}`, join(sourceDirectory, source), "-o", output],
  ];
  try {
    await run(command, [...first, ...args]);
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    throw new NoPlugins(`${source} of the conformance suite does not compile:\n${said || error}`);
  }
  await chmod(output, 0o755);
}

/** Text becomes a C string literal. */
function asDefinition(value: string | number | true): string {
  if (value === true) return "";
  return typeof value === "number" ? `=${value}` : `=${JSON.stringify(value)}`;
}

/** $CC, which may be `ccache gcc`, or what is usual. @throws NoPlugins */
async function findCompiler(): Promise<Compiler> {
  const given = process.env.CC?.trim() ?? "";
  const words = existsSync(given) ? [given] : given.split(/\s+/); // Windows has its programs where there are spaces
  for (const [command = "", ...first] of given === "" ? usual.map((name) => [name]) : [words]) {
    const machine = await machineOf(command, first);
    if (machine !== undefined) return { command, first, system: systemOfMachine(machine) };
  }
  const looked =
    given === "" ? `\`${usual.join("`, `")}\`: none is on PATH` : `\`${words[0]}\` (from $CC) does not run`;
  throw new NoPlugins(
    `no C compiler: ${looked}. Install one: apt-get install gcc libc6-dev (Debian), xcode-select --install (macOS), ` +
      "mingw-w64 (Windows); or name one with $CC; or build the plugins on another machine (--build-plugins, --plugins).",
  );
}

/** What a compiler compiles for, by running it: macOS has a cc that only says what to install. */
async function machineOf(command: string, first: readonly string[]): Promise<string | undefined> {
  try {
    return (await run(command, [...first, "-dumpmachine"])).stdout;
  } catch {
    return undefined;
  }
}

/** @param machine as compilers call what they compile for, such as x86_64-w64-mingw32 */
function systemOfMachine(machine: string): System {
  if (/mingw|windows/.test(machine)) return "win32";
  return /apple|darwin/.test(machine) ? "darwin" : "linux";
}
