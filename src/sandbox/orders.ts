// Owns orders: what a worker is to do to itself (native/frames.h), as data, and what comes of it as a Report.

import type { Limit } from "../confinement/limits.ts";
import type { Reporter } from "../confinement/report.ts";
import { errorName } from "../native/ffi.ts";

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
  jobLimits: 18,
  sandbox: 24,
} as const;
export const ORDER_HEADER_BYTES = 8;
export const ORDER_ALIGNMENT = 8;

const nothing = Buffer.alloc(0);

export interface Order {
  readonly kind: number;
  readonly payload: Buffer;
  /** What is in effect once it is carried out. */
  readonly layers: readonly string[];
  /** What the worker calls, for people. */
  readonly call: string;
}

export function order(
  kind: keyof typeof OrderKind,
  layers: readonly string[],
  call: string,
  payload: Buffer = nothing,
): Order {
  return { kind: OrderKind[kind], payload, layers, call };
}

export function limitOrder({ resource, most }: Limit): Order {
  const pair = BigUint64Array.of(BigInt(resource), BigInt(most));
  return order("limit", ["limits"], "setrlimit", Buffer.from(pair.buffer));
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

/** @param results what the worker has answered: for each order an int32, 0 or an errno */
export function report(orders: readonly Order[], results: Buffer, reporter: Reporter): void {
  for (const [i, { layers, call }] of orders.entries()) {
    const error = results.readInt32LE(i * 4);
    if (error === 0) reporter.add(layers);
    else reporter.miss(layers, `${call}: ${errorName(error)}`);
  }
}
