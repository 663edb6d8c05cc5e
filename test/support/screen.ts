// What a program shows on a terminal, bit by bit.

import { once } from "node:events";
import type { Readable } from "node:stream";

export interface Screen {
  /** Waits until it shows `needed`. */
  until(needed: string): Promise<void>;
  /** All that it has shown at the end. */
  all(): Promise<string>;
}

/** Reads what comes bit by bit; what a terminal makes of line ends is undone. */
export function screenOf(stream: Readable): Screen {
  let read = "";
  stream.setEncoding("utf8").on("data", (more: string) => {
    read += more;
  });
  const ended = once(stream, "end");
  return {
    async until(needed) {
      while (!read.includes(needed)) await once(stream, "data");
    },
    async all() {
      await ended;
      return read.replaceAll("\r\n", "\n");
    },
  };
}
