// Owns Finding: one thing that the examination of a plugin found, as a Problem in a report or as the error of a load.

import { DlrpcError, type ErrorDetails, type ErrorKind } from "../../protocol/errors.ts";
import type { Problem } from "../../protocol/messages.ts";

/** Warnings have names of their own; an error is called by its kind. */
export type WarningCode =
  | "ABI_VERSION_MISSING"
  | "DESCRIPTION_TOO_LONG"
  | "LISTED_FILE_MISSING"
  | "METADATA_DIFFERS"
  | "NAME_NOT_PLAIN"
  | "NAME_NOT_UNIQUE"
  | "NOT_NATIVE"
  | "PERMISSIONS_NOT_GRANTED"
  | "PERMISSIONS_NOT_UNDERSTOOD"
  | "SANDBOX_NOT_ENFORCED"
  | "SIGNATURE_KEY_UNKNOWN"
  | "SIGNATURE_WITHOUT_HASHES"
  | "SUPERVISION_UNAVAILABLE"
  | "TOOL_NOT_UNDERSTOOD"
  | "UNTRUSTED_PATH"
  | "VERSION_NOT_SEMVER"
  | "WRITABLE_BY_OTHERS"
  | "WRITABLE_BY_PLUGIN";

export type Warning = { severity: "warning"; code: WarningCode; message: string; hint?: string };

export type Finding = { severity: "error"; code: ErrorKind; message: string; details: ErrorDetails } | Warning;

export function toProblem(finding: Finding): Problem {
  const { code, severity, message } = finding;
  const hint =
    finding.severity === "error"
      ? new DlrpcError(finding.code, message, finding.details).toJSON().data.hint
      : finding.hint;
  return { code, severity, message, ...(typeof hint === "string" && { hint }) };
}
