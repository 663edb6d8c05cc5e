// The layers that confinement is made of: which a system has, and what a process lacks (S1).

import { system } from "../../platform/portable/program/system.ts";
import type { Confinement } from "../../sandbox-policy/policy.ts";
import type { ConfinementReport, Gap } from "../../sandbox-policy/report.ts";
import { macosGaps, macosLayers } from "./macos.ts";
import { windowsGaps, windowsLayers } from "./windows.ts";

/** The layers that this system can put a process under, as far as it can be asked. */
export function availableLayers(): readonly string[] {
  return availability().layers;
}

/** The same, with why it lacks the others. */
export function availability(): ConfinementReport {
  return { layers: { macos: macosLayers, windows: windowsLayers, linux: [] }[system], missing: {} };
}

/** What of a confinement is not enforced, by what the system answered. */
export function gaps(confinement: Confinement, report: ConfinementReport): Gap[] {
  if (confinement.profile === "none") return [];
  if (system === "macos") return macosGaps(confinement, report);
  if (system === "windows") return windowsGaps(confinement, report);
  return [{ layer: "sandbox", unenforced: "nothing that it says", reason: `not there on ${system}` }];
}

/** What helps where not all is enforced. */
export const ENFORCEMENT_HINT = "Run dlrpc on Linux for plugins that must be confined.";
/** There is no supervision to be missed. */
export const SUPERVISION_HINT = "";

/** Without these something of what was withheld is not enforced; one that is nowhere: it never is. */
export const neededLayers: Readonly<Record<"files" | "network", readonly string[]>> = {
  files: ["sandbox-files", "sandbox-exec"],
  network: ["sandbox-network", "sandbox-exec"],
};
