// Owns being told of the end of a process that this one has not started.

import { type Address, waitCallback } from "../../../ffi/ffi.ts";
import { type Handle, openProcess, ProcessAccess } from "../handles.ts";
import { BOOL, DWORD, HANDLE, kernel32, POINTER, succeeded, ULONG_PTR, WindowsError } from "../system-functions.ts";

const registerWait = kernel32("RegisterWaitForSingleObject", BOOL, [
  POINTER,
  HANDLE,
  ULONG_PTR,
  ULONG_PTR,
  DWORD,
  DWORD,
]);
const waitForSingleObject = kernel32("WaitForSingleObject", DWORD, [HANDLE, DWORD]);
const unregisterWait = kernel32("UnregisterWait", BOOL, [HANDLE]);

const HANDLE_BYTES = 8;
const FOR_EVER = 0xffffffff;
const ONLY_ONCE = 0x8;
const HAS_ENDED = 0;

/** What is waited for, by the name that Windows says. */
const waits = new Map<number, () => void>();
let lastName = 0;
let callback: Address | undefined;

/**
 * Calls `action` once the process has ended (RegisterWaitForSingleObject). Keeps no process running.
 * @returns false where the process is gone, or is another user's
 */
export function whenProcessEnds(pid: number, action: () => void): boolean {
  const process = openRunning(pid);
  if (process === undefined) return false;
  callback ??= waitCallback((name) => waits.get(name)?.());
  const name = ++lastName;
  const wait = Buffer.alloc(HANDLE_BYTES);
  waits.set(name, () => {
    waits.delete(name);
    // The thread that waits is in this very call: then it says ERROR_IO_PENDING, and is done with the wait afterwards.
    unregisterWait(Number(wait.readBigInt64LE()));
    process[Symbol.dispose]();
    action();
  });
  succeeded("RegisterWaitForSingleObject", registerWait(wait, process.value, callback, name, FOR_EVER, ONLY_ONCE));
  return true;
}

/** @param process opened with `ProcessAccess.synchronize` */
export const hasEnded = (process: Handle): boolean => waitForSingleObject(process.value, 0) === HAS_ENDED;

/** Somebody may have a hold on one that has ended. */
function openRunning(pid: number): Handle | undefined {
  try {
    const process = openProcess(pid, ProcessAccess.synchronize);
    if (!hasEnded(process)) return process;
    process[Symbol.dispose]();
    return undefined;
  } catch (error) {
    if (error instanceof WindowsError) return undefined;
    throw error;
  }
}
