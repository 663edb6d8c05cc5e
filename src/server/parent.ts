// Owns noticing that another process has ended (L4), without asking again and again.

import { whenReadable } from "../native/ffi.ts";
import { processDescriptor } from "../native/libc.ts";

/** @returns false where the process cannot be seen, as one outside of this one's container */
export function whenProcessEnds(pid: number, action: () => void): boolean {
  const descriptor = pid > 0 ? processDescriptor(pid) : undefined;
  if (descriptor === undefined) return false;
  const watch = whenReadable(descriptor, () => {
    watch.close();
    action();
  });
  return true;
}
