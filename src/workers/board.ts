// Owns the board: memory that dlrpc and a worker share, where each call that was sent is either begun by the worker or
// taken back by dlrpc, never both. So calls can be sent ahead and still be taken back before their turn. A plugin can write
// here itself: of a call whose turn it was the board proves nothing.

import { closeSync, ftruncateSync } from "node:fs";
import { Disposables } from "../disposables.ts";
import { memoryFile, sealMemoryFileLength } from "../native/descriptors.ts";
import { type Address, viewOf } from "../native/ffi.ts";
import { mapShared, unmap } from "../native/io.ts";
import { BOARD_CALLS } from "./frames.ts";

const BOARD_BYTES = BOARD_CALLS * Int32Array.BYTES_PER_ELEMENT;

/** A place holds the number of the call that is sent; its negative once the worker has begun it; this once taken back. */
const TAKEN_BACK = 0;

export class Board {
  /** The file through which it gets to the worker, to be closed here once it is there. */
  readonly descriptor: number;
  private readonly address: Address;
  private readonly places: Int32Array;

  constructor() {
    using begun = new Disposables();
    this.descriptor = memoryFile("board");
    begun.defer(() => closeSync(this.descriptor));
    ftruncateSync(this.descriptor, BOARD_BYTES);
    sealMemoryFileLength(this.descriptor); // a plugin has it, too
    this.address = mapShared(this.descriptor, BOARD_BYTES);
    this.places = new Int32Array(viewOf(this.address, BOARD_BYTES));
    begun.move();
  }

  /** To be called before a call is sent. Its number tells its place. */
  send(call: number): void {
    Atomics.store(this.places, call % BOARD_CALLS, call);
  }

  /** @returns whether the call was not begun; then it never will be */
  takeBack(call: number): boolean {
    return Atomics.compareExchange(this.places, call % BOARD_CALLS, call, TAKEN_BACK) === call;
  }

  /** Gives the memory back; the board must not be used any more. */
  close(): void {
    unmap(this.address, BOARD_BYTES);
  }
}
