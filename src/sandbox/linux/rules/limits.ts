// The limits of a confined process (getrlimit(2)).

import { readFileSync } from "node:fs";
import { hardLimit, Resource } from "../../../platform/linux/processes/limits.ts";

const MIB = 1024 * 1024;
/** How many processes and threads may come to those that the machine has. The system counts the user's: all of them. */
const PROCESSES = 1024;
/** How many signals and timers (timer_create(2)) may come to those of the user's processes, which all count together. */
const SIGNALS = 1024;
/**
 * What is on its way to other processes (SCM_RIGHTS, unix(7)) counts for the user, too, and each process may send until there
 * are as many as it may have open: most may have 1024, and go on with that beside the plugin.
 */
const DESCRIPTORS = 512;
const FILE_BYTES = 1024 * MIB;

export interface Limit {
  readonly resource: number;
  readonly most: number;
}

/**
 * None is on memory: each that the system has counts addresses, stacks of threads and what is merely reserved among them.
 * What is used is watched (sandbox/memory-watch.ts).
 */
export function limits(): Limit[] {
  return [
    within(Resource.processes, runningThreads() + PROCESSES),
    within(Resource.signals, waitingSignals() + SIGNALS),
    within(Resource.descriptors, DESCRIPTORS),
    within(Resource.fileSize, FILE_BYTES),
    within(Resource.core, 0),
  ];
}

/** Nobody but root could set more than what this process has itself. */
function within(resource: number, most: number): Limit {
  return { resource, most: Math.min(most, hardLimit(resource)) };
}

/** Of the whole machine (proc(5): /proc/loadavg): quick to learn, and never less than the user's own. */
function runningThreads(): number {
  return Number(readFileSync("/proc/loadavg", "utf8").split(/[ /]/)[4]);
}

/** Of the user's processes (proc(5): SigQ of /proc/PID/status). */
function waitingSignals(): number {
  const found = /^SigQ:\t(\d+)\//m.exec(readFileSync("/proc/self/status", "utf8"));
  if (found === null) throw new Error("/proc/self/status: does not say how many signals wait (SigQ)");
  return Number(found[1]);
}
