// Builds what the tests run, for vitest and from a shell: the program and the plugins, as anyone would. What only few slow
// tests need is built when the first of them needs it (build-on-demand.ts).

import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { buildBeside } from "../../fixtures/beside.ts";
import { buildCompanion } from "../../fixtures/companion.ts";
import { requireCompiler } from "../../fixtures/compile.ts";
import { buildEveryday } from "../../fixtures/everyday.ts";
import {
  buildAttack,
  buildFailingWorker,
  buildHostile,
  buildMemory,
  buildTemporary,
  buildWithhold,
} from "../../fixtures/hostile.ts";
import { buildPlugins, pluginNames } from "../../fixtures/plugins.ts";
import { buildParrot, buildStreaming } from "../../fixtures/streaming.ts";
import { lacks } from "../../fixtures/tools.ts";
import { searchPlugins } from "./build-on-demand.ts";
import { fixturesDirectory, projectRoot } from "./paths.ts";

const optional = { "word-count": "rustc", "thread-local": "c++" } as const;
const onDemand: readonly string[] = searchPlugins;

/** Each project of vitest asks for it, in one process but with modules of its own. */
const shared = globalThis as { dlrpcBuild?: Promise<void> };

export default (): Promise<void> => (shared.dlrpcBuild ??= build());

async function build(): Promise<void> {
  requireCompiler("c");
  execFileSync("npm", ["run", "--silent", "build"], { cwd: projectRoot, stdio: "inherit" });
  const names = pluginNames.filter((name) => {
    const compiler = optional[name as keyof typeof optional];
    return !onDemand.includes(name) && (compiler === undefined || !lacks(compiler));
  });
  await buildPlugins(fixturesDirectory, names);
  await buildHostile(fixturesDirectory);
  await buildStreaming(fixturesDirectory);
  await buildParrot(fixturesDirectory);
  if (process.platform === "linux") {
    await buildAttack(fixturesDirectory);
    await buildMemory(fixturesDirectory);
    await buildTemporary(fixturesDirectory);
    await buildWithhold(dirname(fixturesDirectory));
    await buildFailingWorker(dirname(fixturesDirectory));
    await buildCompanion(fixturesDirectory);
    await buildBeside(fixturesDirectory);
    if (!lacks("c++") && !lacks("sqlite3")) await buildEveryday(fixturesDirectory);
  }
}

if (import.meta.main) await build();
