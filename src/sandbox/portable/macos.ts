// How a worker on macOS is confined (S31): by the system's sandbox, by limits, and by dlrpc, which watches its memory.

import { OrderKind } from "../../../native/frames/frames.ts";
import { errorName } from "../../ffi/ffi.ts";
import { hardLimit, Resource } from "../../platform/posix/limits.ts";
import { groupMembers, processMemory, threadsOf } from "../../platform/posix/process-memory.ts";
import type { Grant } from "../../sandbox-policy/grants.ts";
import type { Confinement } from "../../sandbox-policy/policy.ts";
import { type ConfinementReport, type Gap, Reporter } from "../../sandbox-policy/report.ts";
import type { ConfinedProcess, ConfiningOptions } from "../confined-process.ts";
import { certificatePaths } from "../environment.ts";
import { type MemoryUse, MIB } from "../memory-watch.ts";
import { bytesOf, type Order, report } from "../orders.ts";
import { type SandboxPlaces, sandboxProfile } from "./macos-profile.ts";

/** Each layer and what is not enforced without it. */
const layers = {
  "sandbox-files": "what is read and written",
  "sandbox-network": "the network",
  "sandbox-exec": "new processes, signals, tracing",
  limits: "limits on memory, descriptors and files",
} as const;

export type MacosLayer = keyof typeof layers;

/** Any macOS 11 has them; whether a process is under one is known once it was tried. */
export const macosLayers = Object.keys(layers) as MacosLayer[];
const ofSandbox: readonly MacosLayer[] = ["sandbox-files", "sandbox-network", "sandbox-exec"];

/** There is none on processes but the user's own, and none on memory that holds: what is used is watched. */
const limits = [
  [Resource.descriptors, 512],
  [Resource.fileSize, 1024 * MIB],
  [Resource.core, 0],
] as const;

/** The worker has one that waits for dlrpc's end (native/macos/life.c). */
const OWN_THREADS = 1;

/** What a group has that the worker leads: what has left it is not found. */
export const macosMemory: MemoryUse = {
  familyOf: groupMembers,
  usedBytes: (pids) => pids.reduce((sum, pid) => sum + processMemory(pid).privateBytes, 0),
  threadsOf: (pid) => Math.max(0, threadsOf(pid) - OWN_THREADS),
};

/** Puts a worker under all layers that it can be put under; no code of a plugin has run yet. @throws what `order` throws */
export async function confineOnMacos(
  options: ConfiningOptions,
  worker: Pick<ConfinedProcess, "order">,
): Promise<ConfinementReport> {
  const reporter = new Reporter();
  const orders = macosOrders(options, reporter);
  report(orders, await worker.order(bytesOf(orders)), reporter, errorName);
  return { layers: macosLayers.filter((layer) => reporter.has(layer)), missing: reporter.missing };
}

/** What a worker does to itself. What cannot be ordered is missing in the report. */
export function macosOrders(options: ConfiningOptions, reporter: Reporter): Order<MacosLayer>[] {
  const most = reporter.attempt(["limits"], () => limits.map(([resource, most]) => limit(resource, most))) ?? [];
  const profile = reporter.attempt(ofSandbox, () => sandboxProfile(options.confinement, placesOf(options)));
  if (profile === undefined) return most;
  const payload = Buffer.from(`${profile}\0`);
  return [...most, { kind: OrderKind.sandbox, payload, layers: ofSandbox, call: "sandbox_init" }];
}

/** What of a confinement is not enforced, by what the system answered. */
export function macosGaps({ profile }: Confinement, { layers: inEffect, missing }: ConfinementReport): Gap[] {
  if (profile === "none") return [];
  const missed = macosLayers.filter((layer) => !inEffect.includes(layer));
  return missed.map((layer) => ({ layer, unenforced: layers[layer], reason: missing[layer] ?? "not there" }));
}

function placesOf({ confinement, temporary, libraries, directory }: ConfiningOptions): SandboxPlaces {
  const place = ({ canonical, isDirectory }: Grant) => ({ path: canonical, isDirectory });
  return {
    read: [directory, ...confinement.read].map(place),
    write: confinement.write.map(place),
    temporary,
    libraries,
    certificates: confinement.network ? certificatePaths() : [],
  };
}

/** Nobody but root could set more than what dlrpc has itself. */
function limit(resource: number, most: number): Order<MacosLayer> {
  const pair = BigUint64Array.of(BigInt(resource), BigInt(Math.min(most, hardLimit(resource))));
  return { kind: OrderKind.limit, payload: Buffer.from(pair.buffer), layers: ["limits"], call: "setrlimit" };
}
