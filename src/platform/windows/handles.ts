// Owns handles: what Windows has opened for this process, and gives back when it is told so.

import { nativeFunction } from "../../ffi/ffi.ts";
import { BOOL, DWORD, HANDLE, kernel32, succeeded } from "./system-functions.ts";

const closeHandle = kernel32("CloseHandle", BOOL, [HANDLE]);
const openProcessHandle = kernel32("OpenProcess", HANDLE, [DWORD, BOOL, DWORD]);

/** What a descriptor of node.exe's is open on, by libuv, which node.exe exports. */
export const handleOf = nativeFunction("uv_get_osfhandle", "intptr_t", ["int"]) ?? notExported;

/** What means it without being opened (GetCurrentProcess). */
export const THIS_PROCESS = -1;

export class Handle implements Disposable {
  readonly value: number;
  private isOpen = true;

  constructor(value: number) {
    this.value = value;
  }

  [Symbol.dispose](): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    succeeded("CloseHandle", closeHandle(this.value));
  }
}

/** What may be done with a process by its handle, as Windows numbers it. */
export const ProcessAccess = {
  terminate: 0x1,
  setQuota: 0x100,
  queryLimitedInformation: 0x1000,
  synchronize: 0x100000,
} as const;

/** @param access some of `ProcessAccess` @throws WindowsError where there is no such process, or it is another user's */
export function openProcess(pid: number, access: number): Handle {
  return new Handle(succeeded(`OpenProcess(${pid})`, openProcessHandle(access, 0, pid)));
}

/** @throws Error that says which Node does */
export function notExported(): never {
  throw new Error("This Node does not export libuv's functions: use one as nodejs.org has it");
}
