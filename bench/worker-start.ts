// Starts workers one after the other, confined as `standard` has it, without the program around them: how long each took to
// be ready, and how long its start kept the event loop waiting. `node worker-start.cjs ROUNDS` prints nanoseconds as JSON.

import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { guards } from "../src/platform/linux/processes/own-process.ts";
import type { PluginFiles } from "../src/plugins/inspected-plugin.ts";
import type { Metadata } from "../src/plugins/manifest/metadata.ts";
import { openGrant } from "../src/sandbox-policy/grants.ts";
import type { Confinement } from "../src/sandbox-policy/policy.ts";
import { FrameBudget } from "../src/workers/frame-budget.ts";
import { copyLibraries } from "../src/workers/library-copy.ts";
import { removePrivateDirectories } from "../src/workers/private-directory.ts";
import { WorkerProcess } from "../src/workers/worker-process.ts";

/** The first ones meet code that has not been compiled. */
const WARM_ROUNDS = 20;

const path = process.argv[2] as string;
const rounds = Number(process.argv[3]);
const confinement: Confinement = {
  profile: "standard",
  network: false,
  exec: false,
  gpu: false,
  read: [],
  write: [],
  memoryMb: 1024,
  require: false,
};
const manifest = { name: "bench-echo" } as Metadata;
const plugin = { libraryPath: path, path, manifest, cLibrary: undefined } as Partial<PluginFiles> as PluginFiles;

async function main(): Promise<void> {
  setInterval(() => {}, 1000); // descriptors are watched, but that alone keeps no process running
  for (const guard of guards) guard();
  using directory = openGrant(dirname(path));
  using code = await copyLibraries([{ path, bytes: readFileSync(path) }]);
  const frames = new FrameBudget(4096);
  const taken: { hello: number[]; blocked: number[] } = { hello: [], blocked: [] };
  for (let round = -WARM_ROUNDS; round < rounds; round++) {
    const begun = process.hrtime.bigint();
    const worker = new WorkerProcess({
      plugin,
      code,
      directory,
      confinement,
      environment: {},
      maxResultBytes: 1024,
      frames,
    });
    const started = process.hrtime.bigint();
    await worker.ready;
    const ready = process.hrtime.bigint();
    await worker.close();
    if (round < 0) continue;
    taken.blocked.push(Number(started - begun));
    taken.hello.push(Number(ready - begun));
  }
  await removePrivateDirectories();
  process.stdout.write(`${JSON.stringify(taken)}\n`, () => process.exit(0));
}

void main();
