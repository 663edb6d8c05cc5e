// Owns memory that this process shares with a worker, which inherits it by its handle's number.

import { type Address, viewOf } from "../../ffi/ffi.ts";
import { Handle } from "./handles.ts";
import { BOOL, DWORD, HANDLE, kernel32, POINTER, succeeded, ULONG_PTR } from "./system-functions.ts";

const createFileMapping = kernel32("CreateFileMappingW", HANDLE, [HANDLE, POINTER, DWORD, DWORD, DWORD, POINTER]);
const mapViewOfFile = kernel32("MapViewOfFile", ULONG_PTR, [HANDLE, DWORD, DWORD, DWORD, "size_t"]);
const unmapViewOfFile = kernel32("UnmapViewOfFile", BOOL, [ULONG_PTR]);
const setHandleInformation = kernel32("SetHandleInformation", BOOL, [HANDLE, DWORD, DWORD]);

const NO_FILE = -1;
const PAGE_READWRITE = 4;
const FILE_MAP_WRITE = 2;
const HANDLE_FLAG_INHERIT = 1;

export class SharedMemory {
  /** What the other process finds it by. */
  readonly handle: number;
  readonly memory: ArrayBuffer;
  private readonly held: Handle;
  private readonly address: Address;

  /** Zeroes; it has no name, by which others would find it. @throws WindowsError */
  constructor(length: number) {
    const handle = createFileMapping(NO_FILE, null, PAGE_READWRITE, 0, length, null);
    this.held = new Handle(succeeded("CreateFileMapping", handle));
    this.handle = this.held.value;
    try {
      this.address = succeeded("MapViewOfFile", mapViewOfFile(this.handle, FILE_MAP_WRITE, 0, 0, length));
    } catch (error) {
      this.held[Symbol.dispose]();
      throw error;
    }
    this.memory = viewOf(this.address, length);
  }

  /** What `start` starts inherits it, and nothing that is started before or afterwards. @throws what `start` throws */
  inheritedBy<Result>(start: () => Result): Result {
    this.setInheritable(HANDLE_FLAG_INHERIT);
    try {
      return start();
    } finally {
      this.setInheritable(0);
    }
  }

  /** To be called once the other process has it, or will not: nothing more inherits it. */
  handedOver(): void {
    this.held[Symbol.dispose]();
  }

  /** Gives it back; it must not be used any more. */
  close(): void {
    this.handedOver();
    succeeded("UnmapViewOfFile", unmapViewOfFile(this.address));
  }

  private setInheritable(flag: number): void {
    succeeded("SetHandleInformation", setHandleInformation(this.handle, HANDLE_FLAG_INHERIT, flag));
  }
}
