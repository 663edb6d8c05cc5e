// Owns how much memory a process uses.

import type { ProcessMemory } from "../../posix/process-memory.ts";
import { type Handle, openProcess, ProcessAccess } from "../handles.ts";
import { BOOL, DWORD, HANDLE, kernel32, lastError, POINTER, WindowsError } from "../system-functions.ts";
import { hasEnded } from "./process-end.ts";

const getProcessMemoryInfo = kernel32("K32GetProcessMemoryInfo", BOOL, [HANDLE, POINTER, DWORD]);

/** A PROCESS_MEMORY_COUNTERS of 64 bits, and places in it. */
const COUNTERS_BYTES = 72;
const WORKING_SET_OFFSET = 16;
const PAGEFILE_USAGE_OFFSET = 56;
/** ERROR_ACCESS_DENIED, ERROR_INVALID_PARAMETER: it is not there, is being started or ended, or lets nobody see it. */
const NOT_SEEN: ReadonlySet<number> = new Set([5, 87]);

const NONE: ProcessMemory = { privateBytes: 0, residentBytes: 0 };

/**
 * `privateBytes` is the "commit size", which counts for limits of jobs. One that has ended has none, also while somebody has
 * a hold on it, nor has one that is being started or ended; one that lets nobody see it has none to tell of.
 */
export function processMemory(pid: number): ProcessMemory {
  try {
    using process = openProcess(pid, ProcessAccess.queryLimitedInformation | ProcessAccess.synchronize);
    return memoryOf(process);
  } catch (error) {
    if (error instanceof WindowsError && NOT_SEEN.has(error.number)) return NONE;
    throw error;
  }
}

function memoryOf(process: Handle): ProcessMemory {
  const counters = Buffer.alloc(COUNTERS_BYTES);
  counters.writeUInt32LE(COUNTERS_BYTES);
  const isTold = getProcessMemoryInfo(process.value, counters, COUNTERS_BYTES);
  const error = lastError();
  if (hasEnded(process)) return NONE; // what is told of it then is an error, or what it had
  if (isTold === 0) throw new WindowsError("GetProcessMemoryInfo", error);
  return {
    privateBytes: Number(counters.readBigUInt64LE(PAGEFILE_USAGE_OFFSET)),
    residentBytes: Number(counters.readBigUInt64LE(WORKING_SET_OFFSET)),
  };
}
