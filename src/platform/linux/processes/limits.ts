// Owns what this process may use at most (getrlimit(2)).

import { checked, libc } from "../../../ffi/libc.ts";

const prlimit = libc("prlimit64", "int", ["int", "int", "void *", "void *"]);

/** What a limit is on. */
export const Resource = { fileSize: 1, core: 4, processes: 6, descriptors: 7, addresses: 9, signals: 11 } as const;

const INFINITY = 2n ** 64n - 1n;

const limit = Buffer.alloc(16); // struct rlimit64: soft, hard

/** The most that this process, and what it starts, may use: in the unit of the resource. */
export function hardLimit(resource: number): number {
  look(resource);
  return Number(limit.readBigUInt64LE(8));
}

/** Whether this process has less of it than the system has. */
export function isLimited(resource: number): boolean {
  look(resource);
  return limit.readBigUInt64LE() !== INFINITY;
}

function look(resource: number): void {
  checked("prlimit", prlimit(0, resource, null, limit));
}
