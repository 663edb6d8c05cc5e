// What was found about a plugin (D3): the errors that a load fails with, and warnings.

import { DlrpcError } from "../../protocol/errors.ts";
import type { Problem } from "../../protocol/messages.ts";
import type { WarningCode } from "../../protocol/warnings.ts";

export type Warning = Problem & { readonly severity: "warning"; readonly code: WarningCode };

export type PluginProblem = DlrpcError | Warning;

export function warning(code: WarningCode, message: string, hint: string): Warning {
  return { code, severity: "warning", message, hint };
}

export function isError(problem: PluginProblem): problem is DlrpcError {
  return problem instanceof DlrpcError;
}

export function toProblem(problem: PluginProblem): Problem {
  if (!isError(problem)) return problem;
  const { kind, message } = problem;
  const { hint } = problem.toJSON().data;
  return { code: kind, severity: "error", message, ...(typeof hint === "string" && { hint }) };
}
