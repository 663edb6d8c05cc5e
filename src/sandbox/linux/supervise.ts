// Having a worker supervised once it has confined itself so far (S9, S21).

import { Descriptor } from "../../../native/frames/frames.ts";
import { DlrpcError } from "../../../protocol/errors.ts";
import { hasOwnProc, NO_PROC } from "../../platform/linux/kernel/own-proc.ts";
import { openIfThere } from "../../sandbox-policy/grants.ts";
import type { Confinement } from "../../sandbox-policy/policy.ts";
import type { ConfinementReport, Reporter } from "../../sandbox-policy/report.ts";
import { filterOptions } from "./orders.ts";
import type { FileRules } from "./rules/landlock.ts";
import { Explainer } from "./supervision/explainer.ts";
import { Supervisor } from "./supervision/supervisor.ts";

interface Supervised {
  readonly pid: number;
  /** Its private directory. */
  readonly temporary: string | undefined;
  /** The rules on files that it is under. */
  readonly rules: FileRules | undefined;
}

/** Takes the place of the system where that asks. @throws Error saying why it cannot */
export function supervise(
  confinement: Confinement,
  { pid, temporary, rules }: Supervised,
  reporter: Reporter,
): Supervisor | undefined {
  if (!reporter.has("supervision")) return undefined;
  if (!hasOwnProc()) throw new Error(NO_PROC);
  // What is open for writing proves the right to write only where the right was asked for.
  if (!reporter.has("landlock-files") || rules === undefined) throw new Error("landlock-files is missing");
  const { write, explanation } = confinement;
  using own = temporary === undefined ? undefined : openIfThere(temporary);
  const grants = own === undefined ? write : [...write, own];
  const explaining = explanation && {
    explanation,
    explainer: new Explainer(filterOptions(confinement, pid, reporter.layers), rules),
  };
  return Supervisor.take(pid, Descriptor.listener, grants, explaining);
}

/** @returns SANDBOX_UNAVAILABLE where it is to be explained what is refused, and nobody is there to do it */
export function whyUnexplained(
  { explanation }: Confinement,
  { layers, missing }: ConfinementReport,
): DlrpcError | undefined {
  if (explanation === undefined || layers.includes("supervision")) return undefined;
  const why = missing.supervision ?? "unknown";
  return new DlrpcError("SANDBOX_UNAVAILABLE", `What is refused cannot be explained: supervision is missing (${why})`, {
    hint: "Load it without `explain`.",
  });
}
