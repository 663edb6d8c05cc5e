// Owns dlrpc's end of the shared buffer (native/frames/README.md): room for one large value, for the worker or from it. A
// pipe takes pages for each value and gives them back, and copies it twice. A plugin can write to the buffer at any time, and
// to its state: what is taken from there is dlrpc's own copy.

import { BUFFER_BYTES, BufferState, PAGES_END_OFFSET, SHARED_BUFFER_OFFSET } from "../../../../native/frames/frames.ts";
import { LARGE_BYTES } from "../../../../protocol/raw.ts";
import type { Address } from "../../../ffi/ffi.ts";
import { libc } from "../../../ffi/libc.ts";
import { Region } from "../../../ffi/region.ts";
import type { SharedMemory } from "./shared-memory.ts";

const MADV_POPULATE_WRITE = 23;
const STATE = 0;
const PAGES_END = PAGES_END_OFFSET / Int32Array.BYTES_PER_ELEMENT;

const copy = libc("memcpy", "uintptr_t", ["uintptr_t", "uintptr_t", "size_t"]);
const advise = libc("madvise", "int", ["uintptr_t", "size_t", "int"]);

/** Small pieces go this way: they may lie in the collector's heap, where they have no address. */
const small = Region.ofSize(LARGE_BYTES);

export class SharedBuffer {
  private readonly start: Address | undefined;
  private readonly words: Int32Array;

  constructor({ buffer, memory }: SharedMemory) {
    this.start = buffer;
    this.words = new Int32Array(memory, SHARED_BUFFER_OFFSET, 2);
    if (buffer !== undefined) this.release();
  }

  /** Puts a value there, of which the worker is to be told then. @returns false where it has to go another way */
  put(pieces: readonly Uint8Array[], length: number): boolean {
    const { start } = this;
    if (start === undefined || length > BUFFER_BYTES || !this.take()) return false;
    if (!this.hasPages(start, length)) return false; // it stays taken, for good: memory is short
    let at = start;
    for (const piece of pieces) {
      copy(at, addressOfPiece(piece), piece.length);
      at += piece.length;
    }
    return true;
  }

  /** Copies what the worker has put there. @returns false where it is more than the buffer holds */
  get({ address, bytes: { length } }: Region): boolean {
    if (this.start === undefined || length > BUFFER_BYTES) return false;
    copy(address, this.start, length);
    this.release();
    return true;
  }

  /** To write to pages that the system cannot give would be the end (SIGBUS). */
  private hasPages(start: Address, bytes: number): boolean {
    if (bytes <= Atomics.load(this.words, PAGES_END)) return true;
    if (advise(start, bytes, MADV_POPULATE_WRITE) !== 0) return false;
    Atomics.store(this.words, PAGES_END, bytes);
    return true;
  }

  private take(): boolean {
    return Atomics.compareExchange(this.words, STATE, BufferState.free, BufferState.taken) === BufferState.free;
  }

  private release(): void {
    Atomics.store(this.words, STATE, BufferState.free);
  }
}

function addressOfPiece(piece: Uint8Array): Address {
  if (piece.length >= LARGE_BYTES) return new Region(piece).address;
  small.bytes.set(piece);
  return small.address;
}
