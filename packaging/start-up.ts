// Measures how long the packed program takes to start, beside Node with an empty program in it, one run after the other:
// `node packaging/start-up.ts [RUNS]`, after `npm run package`. Prints medians, and ratios to the empty program.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { mainScript } from "./bundle.ts";
import { buildExecutable } from "./executable.ts";
import { fetchNode } from "./node.ts";
import { outputDirectory } from "./places.ts";
import { ownTarget, targetNamed } from "./targets.ts";

const runs = Number(process.argv[2] ?? 40);
const target = targetNamed(ownTarget);
const packed = join(outputDirectory, target.executable);
const empty = { ...target, executable: `empty-${target.name}` };
const emptyProgram = join(outputDirectory, empty.executable);
if (!existsSync(emptyProgram)) {
  const scripts = { [mainScript]: 'require("node:fs").writeSync(1, "!"); process.reallyExit(0);' };
  using node = await fetchNode(target);
  await buildExecutable({ target: empty, node: node.executable, scripts, files: {}, output: outputDirectory });
}

const list = `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "plugin/list" })}\n`;
const starts: Record<string, () => { child: ChildProcess; ready: Readable }> = {
  empty: () => {
    const child = spawn(emptyProgram, { stdio: ["ignore", "pipe", "inherit"] });
    return { child, ready: child.stdout as Readable };
  },
  // Ready when it has answered a request.
  server: () => {
    const child = spawn(packed, ["serve"], { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin?.write(list);
    return { child, ready: child.stdout as Readable };
  },
};

const times = Object.fromEntries(Object.keys(starts).map((name) => [name, [] as number[]]));
for (let run = 0; run < runs; run++) {
  for (const [name, start] of Object.entries(starts)) {
    const begun = performance.now();
    const { child, ready } = start();
    await once(ready, "readable");
    times[name]?.push(performance.now() - begun);
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const base = median(times.empty ?? []);
for (const [name, values] of Object.entries(times)) {
  const middle = median(values);
  process.stdout.write(`${name.padEnd(8)}${middle.toFixed(1).padStart(6)} ms  ${(middle / base).toFixed(2)}\n`);
}
