// Owns reading how much memory another process uses (proc(5): /proc/PID/status).

import { readFileSync } from "node:fs";

/** Resident bytes of a process, or null where the system does not say. */
export function residentBytes(pid: number): number | null {
  return bytesOf(pid, "VmRSS");
}

/** Resident bytes of a process that others can have mapped, too, files not counted; 0 where the system does not say. */
export function sharedBytes(pid: number): number {
  return bytesOf(pid, "RssShmem") ?? 0;
}

function bytesOf(pid: number, name: string): number | null {
  try {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null; // it has just ended, or this system has no /proc
  }
}
