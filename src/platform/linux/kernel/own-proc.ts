// Owns whether /proc can be believed: it may not be there, or be that of another PID namespace, as in a container that was
// given its host's. A number in there is then somebody else's: nothing may be killed, watched or granted by it.

import { readFileSync, readlinkSync } from "node:fs";
import { tolerating } from "../../../base/failures.ts";

/** In words, for what does not work without. */
export const NO_PROC = "/proc is not mounted, or shows processes as another PID namespace numbers them";

let known: boolean | undefined;

/** Whether /proc shows processes by the numbers that they have here. What cannot be read now may be read later. */
export function hasOwnProc(): boolean {
  if (known !== undefined) return known;
  try {
    known = ownNumbers() === String(process.pid);
    return known;
  } catch {
    return false;
  }
}

/**
 * What /proc knows this process by: one number for each namespace from that of /proc to this one (proc(5), NSpid).
 * @returns undefined where there is no such file @throws as node:fs where it cannot be told, as for want of descriptors
 */
function ownNumbers(): string | undefined {
  const numbers = /^NSpid:\s+(.*)$/m;
  return tolerating(
    ["ENOENT", "ENOTDIR"],
    () => numbers.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? readlinkSync("/proc/self"),
  );
}
