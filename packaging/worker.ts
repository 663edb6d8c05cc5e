// Owns compiling the workers that dlrpc is shipped with, and its sources, with which others are compiled.

import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { system } from "../src/platform/portable/program/system.ts";
import { type CompileOptions, compileWorker, workerSources } from "../src/platform/worker-program/compile.ts";
import { compileMacosWorker } from "../src/platform/worker-program/compile-macos.ts";
import { projectRoot } from "./places.ts";
import { compileWindowsWorker } from "./windows-worker.ts";

const sources = join(projectRoot, "native");
const output = join(projectRoot, "dist", "workers");

/** What says how, beside the sources. */
const compilers = ["compile", "compile-windows", "compile-macos"].map((name) => {
  return join(projectRoot, "src", "platform", "worker-program", `${name}.ts`);
});

interface Recipe {
  readonly compile: (output: string) => void;
  /** Where it is compiled, if not here. */
  readonly elsewhere?: string;
}

const posix = (options: Omit<CompileOptions, "sources" | "output">): Recipe => {
  return { compile: (output) => compileWorker({ ...options, sources, output }) };
};

/** musl's own headers come first; the kernel's are where the system has them, for all. */
const kernelHeaders = ["-idirafter", "/usr/include", "-idirafter", "/usr/include/x86_64-linux-gnu"];
const ownCompiler = process.env.CC ?? "cc";

/** @param arch as Apple calls it */
function macos(arch: string): Recipe {
  const compiler = `${ownCompiler} -arch ${arch}`;
  const compile = (output: string) => compileMacosWorker({ compiler, sources, output });
  return system === "macos" ? { compile } : { compile, elsewhere: "macOS" };
}

/** mingw-w64's compiler for it is on any system. */
function windows(arch: string): Recipe {
  const compile = (output: string) => compileWindowsWorker(sources, output);
  const isHere = arch === "x64" || (system === "windows" && process.arch === arch);
  return isHere ? { compile } : { compile, elsewhere: `Windows on ${arch}` };
}

/** The workers that are shipped, by what they are for. */
const recipes: Readonly<Record<string, Recipe>> = {
  "linux-x64": posix({ compiler: compilerFor("x64", "x86_64-linux-gnu-gcc"), isForOldGlibc: true }),
  "linux-arm64": posix({ compiler: compilerFor("arm64", "aarch64-linux-gnu-gcc"), isForOldGlibc: true }),
  "linux-x64-musl": posix({ compiler: "musl-gcc", isForOldGlibc: false, flags: ["-s", ...kernelHeaders] }),
  "windows-x64": windows("x64"),
  "windows-arm64": windows("arm64"),
  "macos-x64": macos("x86_64"),
  "macos-arm64": macos("arm64"),
};

/** The one for what this runs on. */
export const ownWorker = `${system}-${process.arch}`;

/**
 * All that are shipped, compiled here or taken from elsewhere.
 * @param given a directory with those that are not compiled here; without it these are left out
 * @returns the path of each, and the names of those that are left out
 * @throws Error where one is not in that directory, or cannot be compiled
 */
export function buildWorkers(given?: string): { paths: string[]; leftOut: string[] } {
  const isFromElsewhere = (name: string) => recipes[name]?.elsewhere !== undefined;
  // Those first: where one is not there, nothing was compiled in vain.
  const names = Object.keys(recipes).sort((a, b) => Number(isFromElsewhere(b)) - Number(isFromElsewhere(a)));
  const leftOut = given === undefined ? names.filter(isFromElsewhere) : [];
  const paths = names.filter((name) => !leftOut.includes(name)).map((name) => workerOf(name, given));
  return { paths, leftOut };
}

/** The system's own where it compiles for this architecture. */
function compilerFor(arch: string, cross: string): string {
  return process.arch === arch ? ownCompiler : cross;
}

/** Compiles a worker, unless that was done after its sources were last changed. @returns its path @throws Error */
export function buildWorker(target: string): string {
  const { compile } = recipes[target] ?? posix({ compiler: ownCompiler });
  const program = join(output, target);
  if (isFresh(program)) return program;
  mkdirSync(dirname(program), { recursive: true });
  compile(`${program}.new`);
  renameSync(`${program}.new`, program); // whoever runs the old one goes on with it
  return program;
}

/**
 * The workers for a platform such as `linux-x64`, and the sources: by the names by which the program asks for them.
 * @param given a directory with those that are not compiled here @throws Error where one is not to be had
 */
export function workerFiles(platform: string, given?: string): Record<string, string> {
  const targets = Object.keys(recipes).filter((target) => target.startsWith(platform));
  return Object.fromEntries([
    ...targets.map((target) => [`workers/${target}`, workerOf(target, given)]),
    ...workerSources.map((name) => [`native/${name}`, join(sources, name)]),
  ]);
}

/** @throws Error where it is compiled on another system, and was not given */
function workerOf(target: string, given: string | undefined): string {
  const where = recipes[target]?.elsewhere;
  if (where === undefined) return buildWorker(target);
  const program = given === undefined ? undefined : join(given, target);
  if (program !== undefined && existsSync(program)) return program;
  const found = program === undefined ? "and no --workers DIRECTORY was given" : `and ${program} is not there`;
  throw new Error(
    `the worker for ${target} is compiled on ${where} only, ${found}; \`npm run build\` there makes it in dist/workers`,
  );
}

/** The sources lie beside the script, for `dlrpc build-worker`. */
export function writeSources(): void {
  const copy = join(projectRoot, "dist", "native");
  rmSync(copy, { recursive: true, force: true });
  for (const name of workerSources) cpSync(join(sources, name), join(copy, name));
}

function isFresh(program: string): boolean {
  if (!existsSync(program)) return false;
  const { mtimeMs } = statSync(program);
  const inputs = readdirSync(sources, { recursive: true, encoding: "utf8" }).map((name) => join(sources, name));
  return [...inputs, ...compilers].every((path) => statSync(path).mtimeMs < mtimeMs);
}
