// Owns building the plugins that transcripts load, with the C compiler of this machine.

import { execFile } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
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

/** The plugins of the conformance suite, each in a directory of its name. */
export class Plugins {
  readonly directory: string;
  private readonly compiler: readonly string[];

  private constructor(directory: string, compiler: readonly string[]) {
    this.directory = directory;
    this.compiler = compiler;
  }

  /** Builds those of `names` in `directory`, at most `jobs` at once. @throws CannotBuild */
  static async build(directory: string, names: readonly string[], jobs: number): Promise<Plugins> {
    const plugins = new Plugins(directory, await findCompiler());
    if (names.length === 0) return plugins;
    const left = [...names];
    await plugins.writeSources();
    const work = async () => {
      for (let name = left.pop(); name !== undefined; name = left.pop()) await plugins.buildOne(name);
    };
    await Promise.all(Array.from({ length: jobs }, work));
    return plugins;
  }

  libraryOf(name: string): string {
    return join(this.directory, name, libraryName(name));
  }

  private get sourceDirectory(): string {
    return join(this.directory, ".sources");
  }

  private async writeSources(): Promise<void> {
    await mkdir(this.sourceDirectory);
    for (const { name, text } of sources) await writeFile(join(this.sourceDirectory, name), text);
  }

  private async buildOne(name: string): Promise<void> {
    const directory = join(this.directory, name);
    await mkdir(directory);
    await chmod(directory, 0o755); // whatever the umask: nobody else may write there
    const manifest = { name, description: "Of the conformance suite", version: "1.0.0" };
    const path = join(directory, "plugin.json");
    await writeFile(path, JSON.stringify(manifest));
    await chmod(path, 0o644);
    await this.compile(recipeOf(name), directory, this.libraryOf(name));
  }

  private async compile({ source, defines }: PluginRecipe, directory: string, output: string): Promise<void> {
    const [command = "", ...first] = this.compiler;
    const args = [
      ...["-std=c11", "-O1", "-shared", "-pthread", "-fvisibility=hidden"],
      ...(process.platform === "win32" ? [] : ["-fPIC"]),
      ...Object.entries({ ...defines, DIRECTORY: directory }).map(([name, value]) => `-D${name}${asDefinition(value)}`),
      ...[`-I${this.sourceDirectory}`, join(this.sourceDirectory, source), "-o", output],
    ];
    try {
      await run(command, [...first, ...args]);
    } catch (error) {
      const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
      throw new CannotBuild(`${source} of the conformance suite does not compile:\n${said || error}`);
    }
    await chmod(output, 0o755);
  }
}

/** The names of the plugins that a text mentions. */
export function pluginsIn(text: string): string[] {
  return Object.keys(recipes).filter((name) => text.includes(`\${PLUGINS}/${name}"`) || text.includes(`"${name}"`));
}

function recipeOf(name: string): PluginRecipe {
  const recipe = recipes[name];
  if (recipe === undefined)
    throw new Error(`no plugin is called ${name}; there are ${Object.keys(recipes).join(", ")}`);
  return recipe;
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
