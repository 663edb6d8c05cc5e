// Owns building the plugins that transcripts load, with the C compiler of this machine.

import { execFile } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { libraryNames } from "../plugins/library-name.ts";
import { recipes, sources } from "./assets.ts";
import type { PluginRecipe } from "./format.ts";

const run = promisify(execFile);

/** Why the plugins cannot be built, and what to do about it. */
export class CannotBuild extends Error {}

/** A library's file name on this platform (rule A1). */
export function libraryName(name: string): string {
  return libraryNames(name)[0] as string;
}

/** The library of a plugin that was built in a directory. */
export function libraryOf(directory: string, name: string): string {
  return join(directory, name, libraryName(name));
}

/** Builds the plugins that a text mentions, each in a directory of its name, at most `jobs` at once. @throws CannotBuild */
export async function buildPlugins(directory: string, text: string, jobs: number): Promise<void> {
  const compiler = await findCompiler();
  const sourceDirectory = join(directory, ".sources");
  await mkdir(sourceDirectory);
  for (const { name, text } of sources) await writeFile(join(sourceDirectory, name), text);
  const isMentioned = (name: string) => text.includes(`\${PLUGINS}/${name}"`) || text.includes(`"${name}"`);
  const left = Object.entries(recipes).filter(([name]) => isMentioned(name));
  const work = async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const [name, recipe] = next;
      await writeManifest(join(directory, name), name);
      await compile(compiler, recipe, sourceDirectory, libraryOf(directory, name));
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
}

async function writeManifest(directory: string, name: string): Promise<void> {
  await mkdir(directory);
  await chmod(directory, 0o755); // whatever the umask: nobody else may write there
  const path = join(directory, "plugin.json");
  const manifest = { name, description: "Of the conformance suite", version: "1.0.0", abi_version: 1 };
  await writeFile(path, JSON.stringify(manifest));
  await chmod(path, 0o644);
}

async function compile(
  [command = "", ...first]: readonly string[],
  { source, defines }: PluginRecipe,
  sourceDirectory: string,
  output: string,
): Promise<void> {
  const definitions = Object.entries({ ...defines, DIRECTORY: dirname(output) });
  const args = [
    ...["-std=c11", "-O1", "-shared", "-pthread", "-fvisibility=hidden"],
    ...(process.platform === "win32" ? [] : ["-fPIC"]),
    ...definitions.map(([name, value]) => `-D${name}${asDefinition(value)}`),
    ...[`-I${sourceDirectory}`, join(sourceDirectory, source), "-o", output],
  ];
  try {
    await run(command, [...first, ...args]);
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    throw new CannotBuild(`${source} of the conformance suite does not compile:\n${said || error}`);
  }
  await chmod(output, 0o755);
}

/** Text becomes a C string literal. */
function asDefinition(value: string | number | true): string {
  if (value === true) return "";
  return typeof value === "number" ? `=${value}` : `=${JSON.stringify(value)}`;
}

/** $CC, which may be `ccache gcc`, or cc. @throws CannotBuild */
async function findCompiler(): Promise<readonly string[]> {
  const words = process.env.CC?.split(/\s+/).filter((word) => word !== "") ?? [];
  const [command = "cc", ...first] = words;
  try {
    await run(command, [...first, "--version"]); // by running it: macOS has a cc that only says what to install
    return [command, ...first];
  } catch {
    const looked = words.length === 0 ? "was not found on PATH" : "(from $CC) does not run";
    throw new CannotBuild(
      `no C compiler: \`${command}\` ${looked}. Install one: apt-get install gcc libc6-dev (Debian), ` +
        "xcode-select --install (macOS); or name one with $CC.",
    );
  }
}
