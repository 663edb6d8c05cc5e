// Owns compiling the workers that dlrpc is shipped with, and its sources, with which others are compiled.

import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type CompileOptions, compileWorker, workerSources } from "../src/carrier/compile.ts";
import { projectRoot } from "./places.ts";
import { compileWindowsWorker } from "./windows-worker.ts";

const sources = join(projectRoot, "native");
const output = join(projectRoot, "dist", "workers");
/** Beside those that are shipped. */
const outputToCome = join(projectRoot, "dist", "workers-to-come");

/** What says how, beside the sources. */
const compilers = ["src/carrier/compile.ts", "packaging/windows-worker.ts"].map((name) => join(projectRoot, name));

type Recipe = (output: string) => void;

const posix = (options: Omit<CompileOptions, "sources" | "output">): Recipe => {
  return (output) => compileWorker({ ...options, sources, output });
};

/** musl's own headers come first; the kernel's are where the system has them, for all. */
const kernelHeaders = ["-idirafter", "/usr/include", "-idirafter", "/usr/include/x86_64-linux-gnu"];

/** The workers that are shipped, by what they are for. */
const recipes: Readonly<Record<string, Recipe>> = {
  "linux-x64": posix({ compiler: compilerFor("x64", "x86_64-linux-gnu-gcc"), isForOldGlibc: true }),
  "linux-arm64": posix({ compiler: compilerFor("arm64", "aarch64-linux-gnu-gcc"), isForOldGlibc: true }),
  "linux-x64-musl": posix({ compiler: "musl-gcc", isForOldGlibc: false, flags: ["-s", ...kernelHeaders] }),
};

/** Those that dlrpc does not start yet. */
const recipesToCome: Readonly<Record<string, Recipe>> = {
  "win32-x64.exe": (output) => compileWindowsWorker(sources, output),
};

/** Compiles all that are shipped. */
export function buildWorkers(): void {
  for (const target of Object.keys(recipes)) buildWorker(target);
}

/** The system's own where it compiles for this architecture. */
function compilerFor(arch: string, cross: string): string {
  return process.arch === arch ? (process.env.CC ?? "cc") : cross;
}

/** Compiles a worker, unless that was done after its sources were last changed. @returns its path @throws Error */
export function buildWorker(target: string): string {
  const compile = recipes[target] ?? recipesToCome[target] ?? posix({ compiler: process.env.CC ?? "cc" });
  const program = join(target in recipesToCome ? outputToCome : output, target);
  if (isFresh(program)) return program;
  mkdirSync(dirname(program), { recursive: true });
  compile(`${program}.new`);
  renameSync(`${program}.new`, program); // whoever runs the old one goes on with it
  return program;
}

/** The workers for a platform such as `linux-x64`, built now, and the sources: by the names by which the program asks for them. */
export function workerFiles(platform: string): Record<string, string> {
  const targets = Object.keys(recipes).filter((target) => target === platform || target.startsWith(`${platform}-`));
  return Object.fromEntries([
    ...targets.map((target) => [`workers/${target}`, buildWorker(target)]),
    ...workerSources.map((name) => [`native/${name}`, join(sources, name)]),
  ]);
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
