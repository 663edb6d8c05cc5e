// Owns the error for a process that ended though nobody asked it to (E5).

import { DlrpcError, type ErrorDetails } from "../../protocol/errors.ts";
import type { ExecutorEnd } from "./executor.ts";

/**
 * @param doing what the process was doing, to end the sentence "The plugin crashed …"
 * @param details more for `error.data`
 */
export function crashError(doing: string, end: ExecutorEnd, details: ErrorDetails = {}): DlrpcError {
  return new DlrpcError("PLUGIN_CRASHED", `The plugin crashed ${doing}: ${describeEnd(end)}`, {
    ...details,
    signal: end.signal,
    exitCode: end.exitCode,
    stderrTail: end.stderrTail,
    sideEffectsUnknown: true,
  });
}

function describeEnd({ signal, exitCode, violation }: ExecutorEnd): string {
  if (violation !== undefined) return `it wrote to the channel that only dlrpc uses (${violation})`;
  if (signal !== null) return `signal ${signal}`;
  return `its process ended with status ${exitCode} unasked`;
}
