// What waits to be written: pieces of memory, in their order.

import { NOT_NOW } from "#platform/streams/incoming";
import type { Outgoing } from "#platform/streams/outgoing";
import { free } from "../../ffi/large-memory.ts";
import type { Region } from "../../ffi/region.ts";
import type { Piece } from "./pipe-writer.ts";

export class WriteList {
  /** How many bytes wait. */
  bytes = 0;
  private readonly pieces: Piece[] = [];

  /** @param isOurs whether the memory is to be given back when it is written */
  add(region: Region, at: number, end: number, isOurs: boolean): void {
    this.pieces.push({ region, at, end, isOurs });
    this.bytes += end - at;
  }

  /** Writes as much as goes now. @returns whether all is written @throws Error as `Outgoing.write` */
  writeTo(outgoing: Outgoing): boolean {
    for (let [first] = this.pieces; first !== undefined; [first] = this.pieces) {
      const count =
        this.pieces.length === 1
          ? outgoing.write(first.region, first.at, first.end)
          : outgoing.writePieces(this.pieces);
      if (count === NOT_NOW) return false;
      this.drop(count);
    }
    return true;
  }

  clear(): void {
    this.pieces.length = 0;
    this.bytes = 0;
  }

  private drop(count: number): void {
    this.bytes -= count;
    for (let left = count; left > 0; ) {
      const piece = this.pieces[0] as Piece;
      const taken = Math.min(left, piece.end - piece.at);
      piece.at += taken;
      left -= taken;
      if (piece.at < piece.end) return;
      this.pieces.shift();
      if (piece.isOurs) free(piece.region.bytes);
    }
  }
}
