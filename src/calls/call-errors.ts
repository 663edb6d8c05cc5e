// Owns the errors of calls that dlrpc ends, and of loads and reloads that fail (E3 to E6, E9).

import { describeFrame } from "../../protocol/backtrace.ts";
import { DlrpcError, type ErrorDetails } from "../../protocol/errors.ts";
import type { OutputTails, WorkerEnd } from "../workers/worker-listener.ts";

/**
 * A process ended though nobody asked it to (E5).
 * @param doing what it was doing, to end the sentence "The plugin crashed …"
 * @param details more for `error.data`
 */
export function crashError(doing: string, end: WorkerEnd, details: ErrorDetails = {}): DlrpcError {
  return new DlrpcError("PLUGIN_CRASHED", `The plugin crashed ${doing}: ${describeEnd(end)}`, {
    ...details,
    signal: end.signal,
    exitCode: end.exitCode,
    ...(end.exception !== undefined && { exception: end.exception }),
    stderrTail: end.stderrTail,
    stdoutTail: end.stdoutTail,
    sideEffectsUnknown: true,
    ...(end.crash?.address !== undefined && { address: end.crash.address }),
    ...(end.crash !== undefined && { backtrace: end.crash.backtrace }),
    ...end.details,
  });
}

/** The process was ended because of another call that ran in it (E9). */
export function siblingError(reason: "timeout" | "cancelled", said: OutputTails, details: ErrorDetails): DlrpcError {
  const cause = reason === "timeout" ? "past its deadline" : "cancelled";
  return new DlrpcError("PLUGIN_CRASHED", `The plugin's process was ended because another call was ${cause}`, {
    ...details,
    reason: `sibling-${reason}`,
    signal: "SIGKILL",
    exitCode: null,
    ...said,
    sideEffectsUnknown: true,
  });
}

export function timeoutError(timeoutMs: number | undefined, said: OutputTails, details: ErrorDetails): DlrpcError {
  const message = `The call was not done within ${timeoutMs} ms`;
  return new DlrpcError("PLUGIN_TIMEOUT", message, { ...details, timeoutMs, ...said, sideEffectsUnknown: true });
}

export function quarantineError(details: ErrorDetails): DlrpcError {
  const message = "The plugin crashed too often within a minute and is not started any more";
  return new DlrpcError("PLUGIN_QUARANTINED", message, details);
}

/** New code did not load; says what became of the plugin. */
export function reloadError(cause: DlrpcError, isQuarantined: boolean, details: ErrorDetails): DlrpcError {
  const state = isQuarantined ? "the plugin stays in quarantine" : "the old code stays in service";
  return new DlrpcError(cause.kind, `${cause.message}; ${state}`, { ...cause.details, ...details });
}

/**
 * Why a string of the plugin was not taken, as a worker says it.
 * @param length its length, or 0 for a NULL pointer
 */
export function notTaken(length: bigint, maxBytes: number): string {
  return length === 0n ? "a NULL pointer" : `a string of ${length} bytes, at most ${maxBytes} are taken`;
}

function describeEnd({ signal, exitCode, exception, cause, crash }: WorkerEnd): string {
  if (cause !== undefined) return cause;
  if (signal === null && exception === undefined) return `its process ended with status ${exitCode} unasked`;
  const at = crash?.address === undefined ? "" : ` at address ${crash.address}`;
  return `${exception === undefined ? `signal ${signal}` : `exception ${exception}`}${at}${crash?.own === undefined ? "" : `, in ${describeFrame(crash.own)}`}`;
}
