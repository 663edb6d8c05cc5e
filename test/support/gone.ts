// Waits for the end of processes that are not ours: the system tells nobody but their parent.

import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

const LOOK_AGAIN_MS = 5;

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
