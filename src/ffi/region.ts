// Owns memory that both JavaScript and system calls use: bytes with a known address.

import { type Address, addressOf } from "./ffi.ts";

/** Memory outside the collector's heap: it does not move, and stays for as long as the region is held. */
export class Region {
  readonly bytes: Buffer;
  readonly address: Address;

  /** @param bytes outside the heap: not a few bytes that JavaScript keeps in the object itself */
  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.address = addressOf(bytes);
  }

  static ofSize(size: number): Region {
    return new Region(Buffer.allocUnsafeSlow(size));
  }
}
