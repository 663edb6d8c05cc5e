// Owns what this process may use at most (getrlimit(2)), as macOS numbers it.

import { checked, libc } from "../../ffi/libc.ts";

const getrlimit = libc("getrlimit", "int", ["int", "void *"]);

/** What a limit is on (sys/resource.h), which test/macos/numbers.test.ts compares. */
export const Resource = { fileSize: 1, core: 4, processes: 7, descriptors: 8 } as const;

const limit = Buffer.alloc(16); // struct rlimit: soft, hard

/** The most that this process, and what it starts, may use: in the unit of the resource. */
export function hardLimit(resource: number): number {
  checked("getrlimit", getrlimit(resource, limit));
  return Number(limit.readBigUInt64LE(8));
}
