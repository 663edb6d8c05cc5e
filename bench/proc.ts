// Owns what Linux says of processes (proc(5)): memory, time, who wakes.

import { readdirSync, readFileSync } from "node:fs";

/** The process, and all that descend from it. */
export function treeOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)];
}

export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
}

/**
 * Memory of a process that is no file's, in bytes; only root sees that of others who hide it. What would be free if it
 * alone ended says less: Node's own pages count among that where no other process maps them.
 */
export function anonymousBytes(...pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const kilobytes = /^Anonymous: +(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
    return sum + Number(kilobytes) * 1024;
  }, 0);
}

/** A figure of /proc/PID/status in bytes: VmRSS, VmHWM. */
export function statusBytes(pid: number, field: "VmRSS" | "VmHWM"): number {
  const value = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(value) * 1024;
}

/** Processor time of all threads of these processes so far, in nanoseconds (schedstat of proc(5)). */
export function processorTime(...pids: readonly number[]): number {
  const threads = pids.flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`),
  );
  return threads.reduce((sum, thread) => sum + Number.parseInt(readFileSync(`${thread}/schedstat`, "utf8"), 10), 0);
}

/** How often threads of the process have run so far, and how long in all, in clock ticks. */
export function activityOf(pid: number): { switches: number; ticks: number } {
  let switches = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8");
    for (const [, count] of status.matchAll(/^(?:non)?voluntary_ctxt_switches:\s+(\d+)$/gm)) switches += Number(count);
  }
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return { switches, ticks: Number(user) + Number(system) };
}
