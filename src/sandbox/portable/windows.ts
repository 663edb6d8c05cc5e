// How a worker on Windows is confined without privileges (S30): by its job, which dlrpc holds, and by what it gives up.

import { OrderKind } from "../../../native/frames/frames.ts";
import { jobOfWorker } from "../../platform/portable/processes/children.ts";
import type { Job } from "../../platform/windows/processes/job.ts";
import { processMemory } from "../../platform/windows/processes/process-memory.ts";
import { labelLow } from "../../platform/windows/security/integrity-label.ts";
import { describeError } from "../../platform/windows/system-functions.ts";
import { type Confinement, readsEverything } from "../../sandbox-policy/policy.ts";
import { type ConfinementReport, type Gap, Reporter } from "../../sandbox-policy/report.ts";
import type { ConfinedProcess } from "../confined-process.ts";
import { type MemoryUse, MIB } from "../memory-watch.ts";
import { bytesOf, type Order, report } from "../orders.ts";

/** Each layer and what is not enforced without it. */
const layers = {
  job: "limits on memory and processes",
  "job-ui": "that the clipboard, windows of other programs and the session are left alone",
  mitigations: "that no code is loaded from other machines",
  "low-integrity": "what is written, and that other programs are left alone",
} as const;

export type WindowsLayer = keyof typeof layers;

/** Any Windows 10 has them; whether a process is under one is known once it was tried. */
export const windowsLayers = Object.keys(layers) as WindowsLayer[];

/** It would keep the rest from a plugin. */
const NO_CONTAINER = "dlrpc starts plugins in none";

/** Of what is allowed: an allocation beyond that fails, while who is found with more than is allowed is ended (S5). */
const MOST_MEMORY = 2;
/** With `exec`; the worker is one of them. */
const MOST_PROCESSES = 1024;

/** As PROCESS_MITIGATION_POLICY numbers them, each with the flags of its structure (winnt.h). */
const Mitigation = {
  extensionPoints: [6, 0x1], // what others add to all programs: AppInit_DLLs, hooks, input methods
  remoteImages: [10, 0x1],
  childProcesses: [13, 0x1],
} as const;
/** SECURITY_MANDATORY_LOW_RID: the last number of the level's SID. */
const LOW_INTEGRITY = 0x1000;

/** What a worker's job has. Threads of the plugin's own are not looked at between calls: the job's limit is on them, too. */
export const windowsMemory: MemoryUse = {
  familyOf: (pid) => jobOfWorker(pid)?.members() ?? [pid],
  usedBytes: (pids) => pids.reduce((sum, pid) => sum + processMemory(pid).privateBytes, 0),
  threadsOf: () => 0,
};

/**
 * Puts a worker under all layers that it can be put under; no code of a plugin has run yet.
 * @param job the worker is in it
 * @param temporary its private directory
 * @throws what `order` throws
 */
export async function confineOnWindows(
  confinement: Confinement,
  worker: Pick<ConfinedProcess, "order">,
  job: Pick<Job, "limit" | "restrictUserInterface">,
  temporary: string | undefined,
): Promise<ConfinementReport> {
  const reporter = new Reporter();
  reporter.attempt(["job"], () => {
    const { memoryMb, exec } = confinement;
    job.limit({ memoryBytes: MOST_MEMORY * memoryMb * MIB, processes: exec ? MOST_PROCESSES : 1 });
    reporter.add(["job"]);
  });
  reporter.attempt(["job-ui"], () => {
    job.restrictUserInterface();
    reporter.add(["job-ui"]);
  });
  const mayBeLow = reporter.attempt(["low-integrity"], () => {
    requireNothingWritten(confinement);
    if (temporary !== undefined) labelLow(temporary);
    return true;
  });
  const orders = windowsOrders(confinement, mayBeLow === true);
  report(orders, await worker.order(bytesOf(orders)), reporter, describeError);
  return { layers: windowsLayers.filter((layer) => reporter.has(layer)), missing: reporter.missing };
}

/** A label stays, and lets every program of low integrity write: what is the user's own is not given one. */
function requireNothingWritten({ write }: Confinement): void {
  const [first] = write;
  if (first !== undefined)
    throw new Error(`it is to write to ${first.path}, which would have to be opened to all programs of low integrity`);
}

/** What a worker does to itself. */
export function windowsOrders({ exec }: Pick<Confinement, "exec">, isLow: boolean): Order<WindowsLayer>[] {
  return [
    mitigation(Mitigation.extensionPoints),
    mitigation(Mitigation.remoteImages),
    ...(exec ? [] : [mitigation(Mitigation.childProcesses)]),
    ...(isLow ? [lowIntegrity()] : []),
  ];
}

/** What of a confinement is not enforced, by what Windows answered. */
export function windowsGaps(confinement: Confinement, { layers: inEffect, missing }: ConfinementReport): Gap[] {
  const { profile, network } = confinement;
  if (profile === "none") return [];
  const missed = windowsLayers.filter((layer) => !inEffect.includes(layer));
  const open = [...(readsEverything(confinement) ? [] : ["what is read"]), ...(network ? [] : ["the network"])];
  return [
    ...missed.map((layer) => ({ layer, unenforced: layers[layer], reason: missing[layer] ?? "not there" })),
    ...(open.length === 0 ? [] : [{ layer: "app-container", unenforced: open.join(" and "), reason: NO_CONTAINER }]),
  ];
}

function mitigation(numbers: readonly [policy: number, flags: number]): Order<WindowsLayer> {
  const [policy] = numbers;
  const call = `SetProcessMitigationPolicy(${policy})`;
  return { kind: OrderKind.mitigation, payload: wide(...numbers), layers: ["mitigations"], call };
}

function lowIntegrity(): Order<WindowsLayer> {
  const call = "SetTokenInformation(TokenIntegrityLevel)";
  return { kind: OrderKind.integrity, payload: wide(LOW_INTEGRITY), layers: ["low-integrity"], call };
}

/** Numbers of 64 bits. */
function wide(...numbers: readonly number[]): Buffer {
  return Buffer.from(BigUint64Array.from(numbers, BigInt).buffer);
}
