// Owns what is said of a crash to people, behind the error itself: where it was, and how to run it again.

import { type BacktraceFrame, describeFrame } from "../../protocol/backtrace.ts";
import type { DlrpcError } from "../../protocol/errors.ts";

/** A line for each place that a crash came by (E21), and one for its receipt (R1); or nothing. */
export function crashText({ details: { backtrace, receipt } }: DlrpcError): string {
  const frames = Array.isArray(backtrace) ? (backtrace as readonly BacktraceFrame[]) : [];
  const places = frames.map((frame) => `\n  at ${describeFrame(frame)}`).join("");
  return typeof receipt === "string" ? `${places}\n  To run it again: dlrpc replay ${receipt}` : places;
}
