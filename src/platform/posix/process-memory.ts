// Owns how much memory a process uses, and which processes belong together: by libproc of macOS.

import { type NativeFunction, nativeFunction } from "../../ffi/ffi.ts";

const pidRusage = nativeFunction("proc_pid_rusage", "int", ["int", "int", "void *"]);
const pidInfo = nativeFunction("proc_pidinfo", "int", ["int", "int", "int64_t", "void *", "int"]);
const listPids = nativeFunction("proc_listpids", "int", ["uint32_t", "uint32_t", "void *", "int"]);

/** Flavours and structures of libproc.h, which test/macos/numbers.test.ts compares. */
export const Libproc = {
  RUSAGE_INFO_V0: 0,
  rusageBytes: 96,
  residentOffset: 64,
  footprintOffset: 72,
  PROC_PIDTASKINFO: 4,
  taskInfoBytes: 96,
  threadsOffset: 84,
  PROC_PGRP_ONLY: 2,
} as const;

const PID_BYTES = 4;
/** More than a user may have. */
const MOST_MEMBERS = 8192;

export interface ProcessMemory {
  /** What is its alone, resident, compressed or swapped out: what the system judges it by (footprint(1)). */
  readonly privateBytes: number;
  /** What of it is in memory, with what it shares. */
  readonly residentBytes: number;
}

/** One that has ended has none. @throws Error where this system has no such call */
export function processMemory(pid: number): ProcessMemory {
  const info = Buffer.alloc(Libproc.rusageBytes);
  if (there(pidRusage, "proc_pid_rusage")(pid, Libproc.RUSAGE_INFO_V0, info) === -1)
    return { privateBytes: 0, residentBytes: 0 };
  return {
    privateBytes: Number(info.readBigUInt64LE(Libproc.footprintOffset)),
    residentBytes: Number(info.readBigUInt64LE(Libproc.residentOffset)),
  };
}

/** 0 where it has ended. @throws Error where this system has no such call */
export function threadsOf(pid: number): number {
  const info = Buffer.alloc(Libproc.taskInfoBytes);
  const got = there(pidInfo, "proc_pidinfo")(pid, Libproc.PROC_PIDTASKINFO, 0, info, info.length);
  return got < info.length ? 0 : info.readInt32LE(Libproc.threadsOffset);
}

/** The processes of a group: a worker, which leads it, and what it has started, unless that has left. @throws Error as above */
export function groupMembers(leader: number): number[] {
  const pids = Buffer.alloc(MOST_MEMBERS * PID_BYTES);
  const bytes = there(listPids, "proc_listpids")(Libproc.PROC_PGRP_ONLY, leader, pids, pids.length);
  const count = Math.max(0, Math.floor(bytes / PID_BYTES));
  const found = Array.from({ length: count }, (_, i) => pids.readInt32LE(i * PID_BYTES));
  return found.filter((pid) => pid > 0);
}

function there(found: NativeFunction | undefined, name: string): NativeFunction {
  if (found === undefined) throw new Error(`${name}: not in the C library of this system`);
  return found;
}
