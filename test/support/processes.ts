// What processes there are (Linux: proc(5)).

import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Host } from "./host.ts";

const LOOK_AGAIN_MS = 5;

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Kills a process, unless it has ended meanwhile. */
export function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** The processes that `parent` has started and that have not ended. */
export function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
    .map(Number);
}

export function threadsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).length;
}

/** The worker that waits to be used by the next load or restart, once it is there and has started. */
export async function spareOf(host: Host): Promise<number> {
  for (;;) {
    const { plugins } = await host.result("plugin/list");
    const used = plugins.map(({ pid }: { pid: number | null }) => pid);
    const [spare, ...others] = childrenOf(host.child.pid as number).filter((pid) => !used.includes(pid));
    if (others.length > 0) throw new Error(`one spare is expected, found ${spare}, ${others}`);
    if (spare !== undefined && readsChannel(spare)) return spare;
    await setTimeout(LOOK_AGAIN_MS);
  }
}

/** Whether it waits for the broker: it is in a system call whose first argument is the channel's descriptor. */
function readsChannel(worker: number): boolean {
  return /^\d+ 0x3 /.test(readFileSync(`/proc/${worker}/syscall`, "utf8"));
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return undefined; // it has just ended
  }
}
