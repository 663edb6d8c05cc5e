// Reading a part of an open file, piece by piece.

import { readSync } from "node:fs";

const PIECE_BYTES = 256 * 1024;

/** @param end what is read ends before it, or where the file does */
export async function* pieces(descriptor: number, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end; ) {
    const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, end - at));
    const piece = buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, at));
    if (piece.length === 0) return;
    at += piece.length;
    yield piece;
  }
}
