// Owns what a worker on macOS is ordered to do to itself, and the layers that this is.

import { hardLimit, Resource } from "../../carrier/portable/posix/limits.ts";
import type { Limit } from "../../confinement/limits.ts";
import type { Confinement } from "../../confinement/policy.ts";
import type { Reporter } from "../../confinement/report.ts";
import { limitOrder, type Order, order } from "../orders.ts";
import { type ProfileLayer, profileLayers, type SandboxPlaces, sandboxProfile } from "./macos.ts";

/** Each layer and what is not enforced without it. */
export const macosLayers = { ...profileLayers, limits: "limits on memory, descriptors and files" } as const;

const MIB = 1024 * 1024;

/** The system has none on memory that holds: what is used is watched. Nor is there one on processes but the user's own. */
function limits(): Limit[] {
  return [within(Resource.descriptors, 512), within(Resource.fileSize, 1024 * MIB), within(Resource.core, 0)];
}

/** Nobody but root could set more than what this process has itself. */
function within(resource: number, most: number): Limit {
  return { resource, most: Math.min(most, hardLimit(resource)) };
}

/** @param places canonical since they were granted: to look them up again would follow what a plugin has put there since */
export function macosOrders(confinement: Confinement, places: SandboxPlaces, reporter: Reporter): Order[] {
  const most = reporter.attempt(["limits"], limits) ?? [];
  const names = Object.keys(profileLayers) as ProfileLayer[];
  const profile = reporter.attempt(names, () => sandboxProfile(confinement, places));
  const inside = profile === undefined ? [] : [order("sandbox", names, "sandbox_init", Buffer.from(`${profile}\0`))];
  return [...most.map(limitOrder), ...inside];
}
