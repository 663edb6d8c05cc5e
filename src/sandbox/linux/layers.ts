// The layers that confinement is made of: which there are, which a system has, and what a process lacks (S1).

import { listenerFlags, requireSeccomp } from "../../platform/linux/kernel/seccomp.ts";
import { hardLimit, Resource } from "../../platform/linux/processes/limits.ts";
import type { Confinement } from "../../sandbox-policy/policy.ts";
import { type ConfinementReport, type Gap, Reporter } from "../../sandbox-policy/report.ts";
import { availableLandlock, landlockLayers } from "./rules/landlock.ts";

/** Each layer and what is not enforced without it; undefined where the others enforce it, too. */
const layers = {
  "no-new-privileges": "that programs gain no privileges",
  "no-capabilities": "that privileges are given up",
  "landlock-files": "what is read and written",
  "landlock-truncate": undefined, // seccomp refuses what cuts a file off that is not open for writing
  "landlock-tcp": undefined, // seccomp refuses sockets
  "landlock-devices": undefined, // seccomp refuses what controls a terminal
  "landlock-scope": undefined, // seccomp refuses sockets, and signals to others
  "landlock-audit": undefined, // refusals are in the system's audit log
  "landlock-threads": undefined, // there is one thread when it is put on
  "landlock-sockets": undefined, // seccomp refuses sockets
  "landlock-udp": undefined, // seccomp refuses sockets
  seccomp: "the network, new processes, signals, tracing",
  limits: "limits on memory, processes, descriptors and files",
  supervision: undefined, // without it seccomp refuses what it would judge
} as const;

export type Layer = keyof typeof layers;

export const landlockNames = Object.keys(landlockLayers) as (keyof typeof landlockLayers)[];

/** The layers that this system can put a process under, as far as it can be asked. */
export function availableLayers(): readonly string[] {
  return availability().layers;
}

/** The same, with why it lacks the others. */
export function availability(): ConfinementReport {
  const reporter = new Reporter();
  reporter.add(["no-new-privileges", "no-capabilities", "seccomp", "limits"]);
  reporter.add(reporter.attempt(landlockNames, availableLandlock) ?? []);
  reporter.attempt(["seccomp"], requireSeccomp);
  reporter.attempt(["supervision"], listenerFlags);
  if (reporter.has("landlock-files")) reporter.add(["supervision"]); // by which it is known what may be written to
  reporter.attempt(["limits"], () => hardLimit(Resource.descriptors));
  return inOrder(reporter);
}

/** A report with its layers in the order of the protocol's documents. */
export function inOrder({ layers: found, missing }: ConfinementReport): ConfinementReport {
  return { layers: (Object.keys(layers) as Layer[]).filter((layer) => found.includes(layer)), missing };
}

/** What of a confinement is not enforced, by what the kernel answered. */
export function gaps({ profile, network, gpu }: Confinement, report: ConfinementReport): Gap[] {
  if (profile === "none") return [];
  const missed = { ...layers, ...(network && gpu && { "landlock-scope": "that sockets lead to no other process" }) };
  return (Object.entries(missed) as [Layer, string | undefined][]).flatMap(([layer, unenforced]) => {
    if (unenforced === undefined || report.layers.includes(layer)) return [];
    return [{ layer, unenforced, reason: report.missing[layer] ?? "not there" }];
  });
}

/** What helps where not all is enforced. */
export const ENFORCEMENT_HINT =
  "On Linux, Landlock (since 5.13) and seccomp must be there and not be forbidden to dlrpc.";

/** What helps where supervision is missing. */
export const SUPERVISION_HINT =
  "On Linux since 5.13, with Landlock: dlrpc must be allowed to trace the processes that it starts (kernel.yama.ptrace_scope at most 1), and nobody else supervise it.";

/** Without these something of what was withheld is not enforced. */
export const neededLayers: Readonly<Record<"files" | "network", readonly Layer[]>> = {
  files: ["no-new-privileges", "landlock-files", "seccomp"],
  network: ["no-new-privileges", "seccomp"],
};
