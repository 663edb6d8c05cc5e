// Owns this process's children: the workers that it has started, and what a plugin's process leaves behind.

import { readdirSync, readFileSync } from "node:fs";
import { closing } from "../../../base/closing.ts";
import { keepSpareDescriptor, withSpareDescriptor } from "../../../ffi/spare-descriptor.ts";
import { log } from "../../../observe/log.ts";
import { killGroup } from "../../both-halves/processes/posix-group.ts";
import type { End } from "../../end.ts";
import { hasOwnProc } from "../kernel/own-proc.ts";
import { type ProcessOptions, spawnProcess } from "../kernel/spawn.ts";
import { endOfChild } from "./processes.ts";
import { endWithThis, sharedEnd } from "./shared-end.ts";

const LOOK_AGAIN_MS = 1;
const MOST_LOOKS = 200;
const pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** What to do when one ends. */
const children = new Map<number, (end: End) => void>();

/**
 * Starts a worker, which ends with this process from then on, whatever it has come to.
 * @param options what it has open lacks the last descriptor (frames.ts, `sharedEnd`)
 * @param ended is called once, later
 * @returns its number @throws Error why it cannot be started
 */
export function startWorker(options: ProcessOptions, ended: (end: End) => void): number {
  if (process.listenerCount("SIGCHLD", reap) === 0) process.on("SIGCHLD", reap);
  keepSpareDescriptor();
  const shared = sharedEnd();
  using _ = closing(shared);
  const pid = spawnProcess({ ...options, descriptors: [...options.descriptors, shared] });
  children.set(pid, ended);
  tie(pid, shared);
  return pid;
}

function tie(pid: number, shared: number): void {
  try {
    endWithThis(pid, shared);
  } catch (error) {
    children.set(pid, () => {}); // nobody is to hear of it
    killWorker(pid);
    throw error;
  }
}

/** Ends what a worker that has ended has left behind, and what that leaves behind in turn. */
export function endLeftBehind(pid: number): void {
  killGroup(pid);
  killOrphans();
}

/** Ends a worker at once; nothing happens where it has ended. */
export function killWorker(pid: number): void {
  if (children.has(pid)) process.kill(pid, "SIGKILL");
}

/** A worker and all that it has started; it takes in those whose own parent has ended (native/posix/main.c). */
export function familyOf(pid: number): number[] {
  return [pid, ...descendantsOf(pid)];
}

/** One signal may stand for the ends of several. */
function reap(): void {
  for (const [pid, ended] of children) {
    const end = endOfChild(pid);
    if (end === undefined) continue;
    children.delete(pid);
    ended(end);
  }
}

function killOrphans(): void {
  for (const pid of childrenOf("self")) {
    if (children.has(pid)) continue;
    children.set(pid, killOrphans);
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
  if (!hasOwnProc()) return killWorkers();
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

/** Of what cannot be seen, what is known by other means: workers and their groups, whose numbers cannot be others' yet. */
function killWorkers(): void {
  for (const pid of children.keys()) {
    killGroup(pid);
    killWorker(pid);
  }
}

function descendantsOf(pid: number | "self"): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** The children of all threads of a process (proc(5)); none where the system does not say. */
function childrenOf(pid: number | "self"): number[] {
  if (!hasOwnProc()) return [];
  try {
    const threads = withSpareDescriptor(() => readdirSync(`/proc/${pid}/task`));
    const read = (thread: string) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8");
    const lists = threads.map((thread) => withSpareDescriptor(() => read(thread)));
    return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
  } catch {
    return [];
  }
}

/** Whether it has not ended yet, as opposed to waiting for its parent to notice. */
function isLiving(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(withSpareDescriptor(() => readFileSync(`/proc/${pid}/status`, "utf8")));
  } catch {
    return false;
  }
}
