// Owns reading how much memory another process uses (proc(5): /proc/PID/status).

import { readFileSync } from "node:fs";
import { hasOwnProc } from "../kernel/own-proc.ts";

/** Resident bytes of a process, or null where the system does not say. */
export function residentBytes(pid: number): number | null {
  if (!hasOwnProc()) return null;
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null; // it has just ended, or this system has no /proc
  }
}
