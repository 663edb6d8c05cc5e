// Putting what refusals would take together into few grants, as people write them.

import { homedir } from "node:os";
import { dirname } from "node:path";
import type { NeededGrants, Refusal } from "../../protocol/messages.ts";
import { isWithin } from "../base/paths.ts";
import { isWithheldDevice } from "./devices.ts";

/** What so many directories of one directory are granted for, all of it is. */
const MANY = 4;

const shared = ["/usr/share", "/usr/local", "/usr/local/share", "/var/lib", "/var/cache", "/var/tmp", "/dev/shm"];

/**
 * Whether a directory holds what is of very different kinds, so that nobody wants it whole for the sake of one. Each device
 * is one by itself (S12).
 */
export function isBroad(directory: string): boolean {
  if (dirname(directory) === directory || dirname(directory) === "/" || isWithheldDevice(directory)) return true;
  return [...shared, homedir()].includes(directory);
}

/** What would allow all of it that some grant allows. */
export function neededGrants(refusals: readonly Refusal[]): NeededGrants {
  const grants = refusals.flatMap(({ grant }) => grant ?? []);
  const write = fewest(grants.flatMap(({ write = [] }) => write));
  const read = fewest(grants.flatMap(({ read = [] }) => read)).filter((path) => !isIn(path, write));
  const memoryMb = Math.max(0, ...grants.flatMap(({ memoryMb = 0 }) => memoryMb));
  return {
    ...(grants.some(({ network }) => network) && { network: true }),
    ...(grants.some(({ exec }) => exec) && { exec: true }),
    ...(grants.some(({ gpu }) => gpu) && { gpu: true }),
    ...(read.length > 0 && { read }),
    ...(write.length > 0 && { write }),
    ...(memoryMb > 0 && { memoryMb }),
  };
}

/** The same without what lies in another, and with a directory in the place of many in it; sorted. */
function fewest(paths: readonly string[]): string[] {
  const all = new Set(paths);
  const byParent = Map.groupBy(all, dirname);
  for (const [parent, children] of byParent) if (children.length >= MANY && !isBroad(parent)) all.add(parent);
  return [...all].filter((path) => !isIn(dirname(path), [...all]) || path === "/").sort();
}

function isIn(path: string, directories: readonly string[]): boolean {
  return directories.some((one) => isWithin(path, one));
}
