// What dlrpc holds between rounds (Linux: proc(5)): its processes to the last one, its descriptors, its memory.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Host } from "../support/host.ts";
import { childrenOf, runs } from "../support/processes.ts";

const LOOK_AGAIN_MS = 2;
const LOOKS = 5000;

export interface Sample {
  descriptors: number;
  threads: number;
  residentMiB: number;
}

/** Waits until the program has just one process for each handle. @throws Error where that never comes */
export async function onlyWorkersAreLeft(host: Host, others: readonly number[]): Promise<void> {
  let found: unknown;
  for (let look = 0; look < LOOKS; look++) {
    const { plugins } = await host.result("plugin/list");
    const expected: number[] = plugins.map(({ pid }: { pid: number | null }) => pid);
    const children = childrenOf(host.child.pid as number);
    const left = others.filter(runs);
    if (left.length === 0 && children.length === expected.length && expected.every((pid) => children.includes(pid))) {
      return;
    }
    found = { expected, children, left };
    await setTimeout(LOOK_AGAIN_MS);
  }
  throw new Error(`one process for each handle was expected, found: ${JSON.stringify(found)}`);
}

/**
 * Waits until a directory holds nothing but two for each worker that lives: its own, and that of the code that it loads.
 * @throws Error where that never comes
 */
export async function onlyOwnFilesAreLeft(host: Host, temporary: string): Promise<void> {
  let found: unknown;
  for (let look = 0; look < LOOKS; look++) {
    const [own = "", ...others] = readdirSync(temporary);
    const ofWorkers = readdirSync(join(temporary, own));
    if (others.length === 0 && ofWorkers.length <= 2 * childrenOf(host.child.pid as number).length) return;
    found = { own, others, ofWorkers };
    await setTimeout(LOOK_AGAIN_MS);
  }
  throw new Error(`two directories for each worker were expected, found: ${JSON.stringify(found)}`);
}

/** @param descriptors how many of them are waited for, as those of a process that ends are closed a little later */
export async function sample(host: Host, descriptors = Number.POSITIVE_INFINITY): Promise<Sample> {
  for (let look = 1; ; look++) {
    const { pid } = host.child;
    const open = readdirSync(`/proc/${pid}/fd`).length;
    if (open > descriptors && look < LOOKS) {
      await setTimeout(LOOK_AGAIN_MS);
      continue;
    }
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return {
      descriptors: open,
      threads: readdirSync(`/proc/${pid}/task`).length,
      residentMiB: Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024),
    };
  }
}
