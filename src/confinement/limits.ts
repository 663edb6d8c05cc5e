// Owns the limits of a confined process (getrlimit(2)). Its parent sets them once it runs: V8 does not start where memory is
// short from the beginning, so what it has taken by then comes on top.

import { readFileSync } from "node:fs";
import { hardLimit, limitResource, Resource } from "../native/privileges.ts";
import type { Confinement } from "./policy.ts";

const MIB = 1024 * 1024;
/** How many processes and threads may come to those that the machine has. The system counts the user's: all of them. */
const PROCESSES = 1024;
const DESCRIPTORS = 1024;
const FILE_BYTES = 1024 * MIB;
/** What each further thread that serves calls takes, measured as 25 and 75 MiB: stacks, V8's heap and reserves. */
const THREAD_DATA_BYTES = 40 * MIB;
const THREAD_ADDRESS_BYTES = 160 * MIB;

/**
 * Limits a process that has started and not yet loaded a plugin.
 * @param threads how many threads of it may serve calls
 * @throws Error saying why it cannot be limited
 */
export function limitProcess(pid: number, { memoryMb }: Confinement, threads: number): void {
  const { dataBytes, addressBytes } = memoryOf(pid);
  const budget = memoryMb * MIB;
  const furtherThreads = threads - 1;
  limit(pid, Resource.data, dataBytes + budget + furtherThreads * THREAD_DATA_BYTES);
  // Shared memory is no data, but takes addresses; so does much that takes no memory.
  limit(pid, Resource.addressSpace, addressBytes + 2 * budget + furtherThreads * THREAD_ADDRESS_BYTES);
  limit(pid, Resource.processes, runningThreads() + PROCESSES);
  limit(pid, Resource.descriptors, DESCRIPTORS);
  limit(pid, Resource.fileSize, FILE_BYTES);
  limit(pid, Resource.core, 0);
}

/** Nobody but root could set more than what this process has itself. */
function limit(pid: number, resource: number, most: number): void {
  limitResource(pid, resource, Math.min(most, hardLimit(resource)));
}

/** proc(5): /proc/PID/status */
function memoryOf(pid: number): { dataBytes: number; addressBytes: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
  return { dataBytes: kilobytes("VmData") * 1024, addressBytes: kilobytes("VmSize") * 1024 };
}

/** Of the whole machine (proc(5): /proc/loadavg): quick to learn, and never less than the user's own. */
function runningThreads(): number {
  return Number(readFileSync("/proc/loadavg", "utf8").split(/[ /]/)[4]);
}
