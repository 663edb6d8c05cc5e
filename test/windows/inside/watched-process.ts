// Owns waiting for the end of a process while nothing else goes on.

import { openProcess, ProcessAccess } from "../../../src/platform/windows/handles.ts";
import { kernel32 } from "../../../src/platform/windows/system-functions.ts";

const waitForSingleObject = kernel32("WaitForSingleObject", "uint32_t", ["intptr_t", "uint32_t"]);

/** A hold on a process: its number goes to no other meanwhile. */
export class WatchedProcess implements Disposable {
  private readonly handle;

  constructor(pid: number) {
    this.handle = openProcess(pid, ProcessAccess.synchronize);
  }

  /** Waits for its end. @returns whether it has ended by then */
  hasEndedWithin(milliseconds: number): boolean {
    return waitForSingleObject(this.handle.value, milliseconds) === 0;
  }

  [Symbol.dispose](): void {
    this.handle[Symbol.dispose]();
  }
}
