// Owns what this process may use at most.

import { hardLimit as hardLimitOf, Resource as Numbers } from "../../posix/limits.ts";
import { system } from "../program/system.ts";

export const Resource = Numbers;

/** The most that this process, and what it starts, may use: in the unit of the resource. Windows has no such limits. */
export function hardLimit(resource: number): number {
  return system === "windows" ? Number.MAX_SAFE_INTEGER : hardLimitOf(resource);
}
