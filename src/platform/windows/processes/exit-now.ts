// Owns ending this process at once.

import { THIS_PROCESS } from "../handles.ts";
import { BOOL, DWORD, HANDLE, kernel32 } from "../system-functions.ts";

const terminateProcess = kernel32("TerminateProcess", BOOL, [HANDLE, DWORD]);

/**
 * Ends this process (TerminateProcess), also while a thread of Node's waits inside a call of the system's: ExitProcess,
 * which Node uses, first has every library told, and hangs or fails where a thread has been ended inside of one.
 */
export function exitNow(status: number): never {
  terminateProcess(THIS_PROCESS, status);
  throw new Error("TerminateProcess returned");
}
