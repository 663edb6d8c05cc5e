// Owns reading how much memory another process uses.

import * as posix from "../../posix/process-memory.ts";
import * as windows from "../../windows/processes/process-memory.ts";
import { system } from "../program/system.ts";

/** Resident bytes of a process, or null where the system does not say. */
export function residentBytes(pid: number): number | null {
  try {
    return (system === "windows" ? windows : posix).processMemory(pid).residentBytes || null;
  } catch {
    return null; // it is not to be seen, or this system has no such call
  }
}
