// Owns memory that this process shares with one that it starts (memfd_create(2), mmap(2)).

import { closeSync, ftruncateSync } from "node:fs";
import { Disposables } from "../../../base/disposables.ts";
import { type Address, viewOf } from "../../../ffi/ffi.ts";
import { memoryFile, sealMemoryFileLength } from "../kernel/descriptors.ts";
import { mapShared, unmap } from "../kernel/io.ts";

export class SharedMemory {
  readonly memory: ArrayBuffer;
  /** The file through which it gets to the other process; closed once it is there. */
  readonly descriptor: number;
  private readonly address: Address;
  private isHandedOver = false;

  /** @throws CallError */
  constructor(bytes: number) {
    using begun = new Disposables();
    this.descriptor = memoryFile("control-block");
    begun.defer(() => closeSync(this.descriptor));
    ftruncateSync(this.descriptor, bytes);
    sealMemoryFileLength(this.descriptor); // a plugin has it, too
    this.address = mapShared(this.descriptor, bytes);
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
    unmap(this.address, this.memory.byteLength);
  }
}
