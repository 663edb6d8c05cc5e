// What a worker is ordered to do to itself, as data, and what comes of it as a report.

import { ORDER_ALIGNMENT, ORDER_HEADER_BYTES } from "../../native/frames/frames.ts";
import type { Reporter } from "../sandbox-policy/report.ts";

export interface Order<Layer extends string = string> {
  readonly kind: number;
  readonly payload: Buffer;
  /** What is in effect once it is carried out. */
  readonly layers: readonly Layer[];
  /** What the worker calls, for people. */
  readonly call: string;
}

/** For a frame. */
export function bytesOf(orders: readonly Order[]): Buffer {
  return Buffer.concat(
    orders.flatMap(({ kind, payload }) => {
      const header = Buffer.alloc(ORDER_HEADER_BYTES);
      header.writeUInt32LE(kind, 0);
      header.writeUInt32LE(payload.length, 4);
      return [header, payload, Buffer.alloc(-payload.length & (ORDER_ALIGNMENT - 1))];
    }),
  );
}

/**
 * @param results what the worker has answered: for each order an int32, 0 or the system's number of an error
 * @param describe that error, for people
 */
export function report(
  orders: readonly Order[],
  results: Buffer,
  reporter: Reporter,
  describe: (error: number) => string,
): void {
  for (const [i, { layers, call }] of orders.entries()) {
    const error = results.readInt32LE(i * 4);
    if (error === 0) reporter.add(layers);
    else reporter.miss(layers, `${call}: ${describe(error)}`);
  }
}
