// Memory that this process shares with one that it starts: a file without a name, which both map (mmap(2)).

import { closeSync, ftruncateSync } from "node:fs";
import { Disposables } from "../../base/disposables.ts";
import { type Address, viewOf } from "../../ffi/ffi.ts";
import { checked, libc } from "../../ffi/libc.ts";

const mmap = libc("mmap", "intptr_t", ["uintptr_t", "size_t", "int", "int", "int", "int64_t"]);
const munmap = libc("munmap", "int", ["uintptr_t", "size_t"]);

// The same numbers on all POSIX systems.
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;

export class MappedFile {
  readonly memory: ArrayBuffer;
  /** The file through which it gets to the other process; closed once it is there. */
  readonly descriptor: number;
  /** Where the memory begins. */
  protected readonly address: Address;
  private readonly mappedBytes: number;
  private isHandedOver = false;

  /**
   * Zeroes.
   * @param descriptor of an empty file that is this object's from now on
   * @param seal keeps its length from being changed, where the system can
   * @param mappedBytes how many it has, where `memory` is to be a view of the first ones only
   * @throws CallError
   */
  constructor(descriptor: number, bytes: number, seal?: (descriptor: number) => void, mappedBytes = bytes) {
    using begun = new Disposables();
    this.descriptor = descriptor;
    this.mappedBytes = mappedBytes;
    begun.defer(() => closeSync(descriptor));
    ftruncateSync(descriptor, mappedBytes);
    seal?.(descriptor);
    this.address = checked("mmap", mmap(0, mappedBytes, PROT_READ_WRITE, MAP_SHARED, descriptor, 0));
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
    checked("munmap", munmap(this.address, this.mappedBytes));
  }
}
