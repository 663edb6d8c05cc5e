// Owns the environment of workers: what programs commonly need, and nothing that changes how the loader works (P6).

import { gpuCacheVariables } from "../confinement/gpu.ts";

const PASSED_ON = new Set(
  "PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR TEMP TMP XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME".split(
    " ",
  ),
);
const TEMPORARY = new Set(["TMPDIR", "TEMP", "TMP"]);

/** Taken once: to ask Node for a variable takes a while. */
let passedOn: readonly [name: string, value: string | undefined][] | undefined;

/**
 * What of dlrpc's own environment a plugin may see: none of LD_* or DYLD_*.
 * @param temporary a directory that is the worker's own, in place of the one that all share
 * @param gpu whether a graphics card's drivers are to keep there what they have compiled
 * @returns as execve(2) takes it
 */
export function workerEnvironment(temporary: string | undefined, gpu: boolean): string[] {
  passedOn ??= Object.entries(process.env).filter(([name]) => PASSED_ON.has(name) || name.startsWith("LC_"));
  const shared = temporary === undefined ? passedOn : passedOn.filter(([name]) => !TEMPORARY.has(name));
  const own =
    temporary === undefined
      ? []
      : [...TEMPORARY, ...(gpu ? gpuCacheVariables : [])].map((name) => [name, temporary] as const);
  return [...shared, ...own].map(([name, value]) => `${name}=${value}`);
}
