// Owns building what only few slow tests need when the first of them needs it. Others that come meanwhile wait for it: of the
// processes that run this file one builds at a time (flock(1)), and the next ones find it done.

import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildPlugins } from "../../fixtures/plugins.ts";
import { buildReal } from "../../fixtures/real.ts";
import { lacks } from "../../fixtures/tools.ts";
import { fixturesDirectory, plugin } from "./paths.ts";

/** By the tool that each takes beside the C compiler. */
const searchTools = { "search-c": undefined, "search-cpp": "c++", "search-rust": "rustc", "search-go": "go" } as const;

export const searchPlugins = Object.keys(searchTools) as (keyof typeof searchTools)[];

const builds = {
  real: () => buildReal(plugin("real"), process.env.CI === "true"),
  search: () => buildPlugins(fixturesDirectory, searchPlugins.filter(isBuildable)),
};

function isBuildable(name: (typeof searchPlugins)[number]): boolean {
  const tool = searchTools[name];
  return tool === undefined || !lacks(tool);
}

/** Resolves when it is there, as far as it can be built here. */
export async function buildOnDemand(what: keyof typeof builds): Promise<void> {
  const lock = join(dirname(fixturesDirectory), `${what}.lock`);
  await promisify(execFile)("flock", [lock, process.execPath, fileURLToPath(import.meta.url), what]);
}

if (import.meta.main) await builds[process.argv[2] as keyof typeof builds]();
