// Owns the layers that confinement is made of: which there are, which a process is under, and what it lacks (S1).

import { hardLimit, Resource } from "../native/privileges.ts";
import { requireSeccomp } from "../native/seccomp.ts";
import { availableLandlock, landlockLayers } from "./landlock.ts";
import type { Confinement } from "./policy.ts";

/** Each layer and what is not enforced without it; undefined where the others enforce it, too. */
const layers = {
  "no-new-privileges": "that programs gain no privileges",
  "no-capabilities": "that privileges are given up",
  "landlock-files": "what is read and written",
  "landlock-truncate": undefined, // seccomp refuses what cuts a file off that is not open for writing
  "landlock-devices": undefined, // seccomp refuses what controls a terminal
  "landlock-tcp": undefined, // seccomp refuses sockets
  "landlock-scope": undefined, // seccomp refuses sockets, and signals to others
  seccomp: "the network, new processes, signals, tracing",
  limits: "limits on memory, processes, descriptors and files",
} as const;

export type Layer = keyof typeof layers;

/** What the kernel answered when a process was put under each layer. */
export interface Report {
  readonly layers: readonly Layer[];
  /** Why the others are missing, for people; by layer. */
  readonly missing: Readonly<Partial<Record<Layer, string>>>;
}

export const noLayers: Report = { layers: [], missing: {} };

/** Tries one layer after the other, and keeps what came of it. */
export class Reporter implements Report {
  readonly layers: Layer[] = [];
  readonly missing: Partial<Record<Layer, string>> = {};

  constructor(sofar: Report = noLayers) {
    this.layers.push(...sofar.layers);
    Object.assign(this.missing, sofar.missing);
  }

  /** @param apply throws where the system refuses */
  try(layer: Layer, apply: () => void): void {
    this.tryAll([layer], () => {
      apply();
      return [layer];
    });
  }

  /** As `try`, for layers that come together. @param apply returns those in effect */
  tryAll(asked: readonly Layer[], apply: () => readonly Layer[]): void {
    try {
      this.layers.push(...apply());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      for (const layer of asked) this.missing[layer] = reason;
    }
  }
}

export const landlockNames = Object.keys(landlockLayers) as (keyof typeof landlockLayers)[];

/** The layers that this system can put a process under, as far as it can be asked. */
export function availableLayers(): Layer[] {
  if (process.platform !== "linux") return [];
  const reporter = new Reporter();
  reporter.layers.push("no-new-privileges", "no-capabilities");
  reporter.tryAll(landlockNames, availableLandlock);
  reporter.try("seccomp", requireSeccomp);
  reporter.try("limits", () => hardLimit(Resource.data));
  return reporter.layers;
}

/** A layer without which something of what was asked for is not enforced. */
export interface Gap {
  readonly layer: Layer;
  readonly unenforced: string;
  readonly reason: string;
}

/** What of a confinement is not enforced, by what the kernel answered. */
export function gaps({ profile }: Confinement, report: Report): Gap[] {
  if (profile === "none") return [];
  return (Object.entries(layers) as [Layer, string | undefined][]).flatMap(([layer, unenforced]) => {
    if (unenforced === undefined || report.layers.includes(layer)) return [];
    return [{ layer, unenforced, reason: report.missing[layer] ?? `not there on ${process.platform}` }];
  });
}
