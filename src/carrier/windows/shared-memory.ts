// Owns memory that this process shares with a worker, which inherits it by its handle's number.

import { type Address, viewOf } from "../../ffi/ffi.ts";
import { Handle } from "./handles.ts";
import { kernel32, succeeded } from "./system-functions.ts";

const createFileMapping = kernel32("CreateFileMappingW", "intptr_t", [
  "intptr_t",
  "void *",
  "uint32_t",
  "uint32_t",
  "uint32_t",
  "void *",
]);
const mapViewOfFile = kernel32("MapViewOfFile", "uintptr_t", [
  "intptr_t",
  "uint32_t",
  "uint32_t",
  "uint32_t",
  "size_t",
]);
const unmapViewOfFile = kernel32("UnmapViewOfFile", "int", ["uintptr_t"]);
const setHandleInformation = kernel32("SetHandleInformation", "int", ["intptr_t", "uint32_t", "uint32_t"]);

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
