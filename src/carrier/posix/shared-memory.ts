// Owns memory that this process shares with a worker: a file without a name, which the worker finds open.

import { closeSync, constants, ftruncateSync, openSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Disposables } from "../../base/disposables.ts";
import { type Address, viewOf } from "../../ffi/ffi.ts";
import { checked, libc } from "../../ffi/libc.ts";

const mmap = libc("mmap", "intptr_t", ["uintptr_t", "size_t", "int", "int", "int", "int64_t"]);
const munmap = libc("munmap", "int", ["uintptr_t", "size_t"]);

// The same numbers on all systems.
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;

export class SharedMemory {
  readonly memory: ArrayBuffer;
  /** The file through which it gets to the other process, which closes it before it runs code of others: it can be cut off. */
  readonly descriptor: number;
  private readonly address: Address;
  private isHandedOver = false;

  /** Zeroes. @throws CallError, or as node:fs does where there is no file to be made */
  constructor(bytes: number) {
    using begun = new Disposables();
    this.descriptor = namelessFile();
    begun.defer(() => closeSync(this.descriptor));
    ftruncateSync(this.descriptor, bytes);
    this.address = checked("mmap", mmap(0, bytes, PROT_READ_WRITE, MAP_SHARED, this.descriptor, 0));
    this.memory = viewOf(this.address, bytes);
    begun.move();
  }

  /** To be called once the other process has it, or will not. */
  handedOver(): void {
    if (this.isHandedOver) return;
    this.isHandedOver = true;
    closeSync(this.descriptor);
  }

  /** Gives it back; it must not be used any more. */
  close(): void {
    this.handedOver();
    checked("munmap", munmap(this.address, this.memory.byteLength));
  }
}

let lastName = 0;

/** Its name lasts for a moment; whoever has put something there before is not followed. */
function namelessFile(): number {
  const path = join(tmpdir(), `.dlrpc-${process.pid}-${++lastName}-${Math.random().toString(36).slice(2)}`);
  const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  unlinkSync(path);
  return descriptor;
}
