// Owns ending what a plugin's process leaves behind: descendants that become children of the broker when it ends.
// Children belong to the process as a whole, and so does what is known of them here.

import { readdirSync, readFileSync } from "node:fs";
import { reapChild, whenProcessEnds } from "../native/processes.ts";
import { log } from "../observe/log.ts";

const LOOK_AGAIN_MS = 1;
const MOST_LOOKS = 200;
const pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

const workers = new Set<number>();
const dying = new Set<number>();
let childrenMayBeOthers = false;

/** A worker was started: it is no orphan. */
export function workerStarted(pid: number): void {
  workers.add(pid);
}

/** A worker has ended: what it left behind is killed, and what that leaves behind in turn. */
export function workerEnded(pid: number): void {
  workers.delete(pid);
  killGroup(pid);
  if (!childrenMayBeOthers) killOrphans();
}

/** A plugin runs inside this process, and a child that nobody here started may be its own: none is killed any more. */
export function pluginRunsInside(): void {
  childrenMayBeOthers = true;
}

/** A worker leads a process group of its own. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // ESRCH: it had no other member
  }
}

function killOrphans(): void {
  for (const pid of childrenOf("self")) {
    if (workers.has(pid) || dying.has(pid)) continue;
    dying.add(pid);
    whenProcessEnds(pid, () => {
      reapChild(pid);
      dying.delete(pid);
      killOrphans();
    });
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      log("warn", `process ${pid}, left behind by a plugin, cannot be ended: ${error}`);
    }
  }
}

/**
 * Ends all that this process and its workers have started, and waits a moment for that: to be called right before the
 * end, when there is no time to let workers end in order. What is started meanwhile is found by looking again.
 */
export function endDescendants(): void {
  for (let look = 0; look < MOST_LOOKS; look++) {
    const living = descendantsOf("self").filter(isLiving);
    if (living.length === 0) return;
    for (const pid of living) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // it has just ended
      }
    }
    Atomics.wait(pause, 0, 0, LOOK_AGAIN_MS);
  }
}

function descendantsOf(pid: number | "self"): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** The children of all threads of a process (proc(5)); none where the system does not say. */
function childrenOf(pid: number | "self"): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8"));
    return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
  } catch {
    return [];
  }
}

/** Whether it has not ended yet, as opposed to waiting for its parent to notice. */
function isLiving(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
