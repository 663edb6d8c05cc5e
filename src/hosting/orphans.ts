// Owns ending what a plugin's process leaves behind: descendants that become children of the broker when it ends.
// Children belong to the process as a whole, and so does what is known of them here.

import { readdirSync, readFileSync } from "node:fs";
import { reapChild, whenProcessEnds } from "../native/processes.ts";
import { log } from "../observe/log.ts";

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
  for (const pid of children()) {
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

/** The children of all threads of this process (proc(5)); none where the system does not say. */
function children(): number[] {
  try {
    const threads = readdirSync("/proc/self/task");
    const lists = threads.map((thread) => readFileSync(`/proc/self/task/${thread}/children`, "utf8"));
    return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
  } catch {
    return [];
  }
}
