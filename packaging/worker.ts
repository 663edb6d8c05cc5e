// Owns compiling the workers that dlrpc is shipped with, and its sources, with which others are compiled.

import { cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { compileWorker, workerSources } from "../src/workers/compile.ts";
import { projectRoot } from "./places.ts";

const sources = join(projectRoot, "native");
const output = join(projectRoot, "dist", "workers");

interface Recipe {
  readonly compiler: string;
  readonly isForOldGlibc: boolean;
  readonly flags?: readonly string[];
}

/** musl's own headers come first; the kernel's are where the system has them, for all. */
const kernelHeaders = ["-idirafter", "/usr/include", "-idirafter", "/usr/include/x86_64-linux-gnu"];

/** The workers that are shipped, by what they are for. */
const recipes: Readonly<Record<string, Recipe>> = {
  "linux-x64": { compiler: compilerFor("x64", "x86_64-linux-gnu-gcc"), isForOldGlibc: true },
  "linux-arm64": { compiler: compilerFor("arm64", "aarch64-linux-gnu-gcc"), isForOldGlibc: true },
  "linux-x64-musl": { compiler: "musl-gcc", isForOldGlibc: false, flags: ["-s", ...kernelHeaders] },
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
  const recipe = recipes[target] ?? { compiler: process.env.CC ?? "cc", isForOldGlibc: false };
  const program = join(output, target);
  if (isFresh(program)) return program;
  mkdirSync(output, { recursive: true });
  compileWorker({ ...recipe, sources, output: `${program}.new` });
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
  const inputs = [...workerSources.map((name) => join(sources, name)), join(projectRoot, "src/workers/compile.ts")];
  return inputs.every((path) => statSync(path).mtimeMs < mtimeMs);
}
