// Owns the board: memory that broker and worker share, where each call that was sent is either begun by the worker or
// taken back by the broker, never both. So calls can be sent ahead and still be cancelled, and after a crash it is known
// which had begun. A plugin can write here itself; it harms its own calls only.

import { memoryFile, sealMemoryFileLength } from "../native/descriptors.ts";
import { type Address, viewOf } from "../native/ffi.ts";
import { mapShared, setLength, unmap } from "../native/io.ts";

/** How many calls can be sent at the same time; a call's number tells its place. */
export const BOARD_CALLS = 1024;
const BOARD_BYTES = BOARD_CALLS * Int32Array.BYTES_PER_ELEMENT;

/** A place holds the number of the call that is sent; its negative once it has begun; this once it was taken back. */
const TAKEN_BACK = 0;

/** A board for a worker process: the file through which it gets there. */
export function createBoard(): number {
  const descriptor = memoryFile("board");
  setLength(descriptor, BOARD_BYTES);
  sealMemoryFileLength(descriptor); // a plugin has it, too
  return descriptor;
}

/** @returns where the board is in this process */
export function mapBoard(descriptor: number): Address {
  return mapShared(descriptor, BOARD_BYTES);
}

export class Board {
  /** Valid in this process, also for its other threads. */
  readonly address: Address;
  private readonly places: Int32Array;

  constructor(address: Address) {
    this.address = address;
    this.places = new Int32Array(viewOf(address, BOARD_BYTES));
  }

  /** The broker's: to be called before a call is sent. */
  send(call: number): void {
    Atomics.store(this.places, call % BOARD_CALLS, call);
  }

  /** The broker's: @returns whether the call was not begun; then it never will be */
  takeBack(call: number): boolean {
    return Atomics.compareExchange(this.places, call % BOARD_CALLS, call, TAKEN_BACK) === call;
  }

  /** The worker's: @returns whether to run the call */
  begin(call: number): boolean {
    return Atomics.compareExchange(this.places, call % BOARD_CALLS, call, -call) === call;
  }

  /** Gives the memory back; the board must not be used any more. */
  close(): void {
    unmap(this.address, BOARD_BYTES);
  }
}
