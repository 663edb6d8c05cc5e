// What the writing end of a pipe is given, and whom it tells.

import type { Region } from "../../ffi/region.ts";

/** Bytes of a region, from `at` up to `end`. */
export interface Piece {
  readonly region: Region;
  at: number;
  readonly end: number;
  /** Whether the memory is to be given back when it is written. */
  readonly isOurs: boolean;
}

/** Who writes to a pipe. */
export interface PipeWriter {
  /** More can be written. */
  writable(): void;
  /** Nothing can be written any more, as shows where a system tells it later than the write itself. */
  failed(): void;
}
