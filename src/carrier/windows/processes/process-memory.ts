// Owns how much memory a process uses.

import type { ProcessMemory } from "../../posix/process-memory.ts";
import { openProcess, ProcessAccess } from "../handles.ts";
import { BOOL, DWORD, HANDLE, kernel32, POINTER, succeeded, WindowsError } from "../system-functions.ts";

const getProcessMemoryInfo = kernel32("K32GetProcessMemoryInfo", BOOL, [HANDLE, POINTER, DWORD]);

/** A PROCESS_MEMORY_COUNTERS of 64 bits, and places in it. */
const COUNTERS_BYTES = 72;
const WORKING_SET_OFFSET = 16;
const PAGEFILE_USAGE_OFFSET = 56;
const ERROR_INVALID_PARAMETER = 87;

/** `privateBytes` is the "commit size", which counts for limits of jobs. One that has ended has none. @throws WindowsError where it is another user's */
export function processMemory(pid: number): ProcessMemory {
  const counters = Buffer.alloc(COUNTERS_BYTES);
  counters.writeUInt32LE(COUNTERS_BYTES);
  try {
    using process = openProcess(pid, ProcessAccess.queryLimitedInformation);
    succeeded("GetProcessMemoryInfo", getProcessMemoryInfo(process.value, counters, COUNTERS_BYTES));
  } catch (error) {
    if (error instanceof WindowsError && error.number === ERROR_INVALID_PARAMETER)
      return { privateBytes: 0, residentBytes: 0 };
    throw error;
  }
  return {
    privateBytes: Number(counters.readBigUInt64LE(PAGEFILE_USAGE_OFFSET)),
    residentBytes: Number(counters.readBigUInt64LE(WORKING_SET_OFFSET)),
  };
}
