// Starts scripts of this directory in processes of their own.

import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const here = (name: string): URL => new URL(name, import.meta.url);

export function startScript(name: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const all = [`--import=${here("hooks.ts")}`, fileURLToPath(here(name)), ...args];
  return spawn(process.execPath, all, options);
}
