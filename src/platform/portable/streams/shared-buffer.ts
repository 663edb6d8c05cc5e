// There is no shared buffer here: all goes through the pipes.

import type { SharedMemory } from "./shared-memory.ts";

class NoBuffer {
  put(_pieces: readonly Uint8Array[], _length: number): boolean {
    return false;
  }

  get(_target: unknown): boolean {
    return false;
  }
}

export type SharedBuffer = NoBuffer;
export const SharedBuffer: new (memory: SharedMemory) => SharedBuffer = NoBuffer;
