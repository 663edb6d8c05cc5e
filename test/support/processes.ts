// What processes there are (Linux: proc(5)), and the end of those that are not ours, of which only their parent is told.

import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

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

/** The processes that it has started, those that these have, and so on. */
export function descendantsOf(parent: number): number[] {
  return childrenOf(parent).flatMap((pid) => [pid, ...descendantsOf(pid)]);
}

export function threadsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).length;
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return undefined; // it has just ended
  }
}

/** Resolves when all of these processes have ended. Where one lives on, the test runs into its time limit. */
export async function gone(...pids: readonly number[]): Promise<void> {
  for (const pid of pids) while (runs(pid)) await setTimeout(LOOK_AGAIN_MS);
}

/** Whether it runs, as opposed to having ended and waiting for its parent to notice (Linux: proc(5)). */
export function runs(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
