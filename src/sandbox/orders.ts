// Owns what a worker is ordered to do to itself (native/frames.h), as data, and what comes of it as a Report.

import type { Reporter } from "../confinement/report.ts";

/** As in native/frames.h, which a test compares. */
export const OrderKind = {
  noNewPrivileges: 1,
  noCapabilities: 2,
  landlock: 3,
  limit: 4,
  systemCalls: 5,
  forgetListener: 6,
  mitigation: 16,
  integrity: 17,
  sandbox: 24,
} as const;
export const ORDER_HEADER_BYTES = 8;
export const ORDER_ALIGNMENT = 8;

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
