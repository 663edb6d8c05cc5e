// Owns telling that this process, or the machine, has run out of something, whichever call found out (errno(3)).

import { hardLimit, Resource } from "#carrier/limits";
import { DlrpcError } from "../../protocol/errors.ts";

/** @returns the error for a host where what was thrown means that something is used up; undefined where it does not */
export function exhaustion(error: unknown): DlrpcError | undefined {
  if (error instanceof DlrpcError) return error.kind === "RESOURCES_EXHAUSTED" ? error : undefined;
  if (!(error instanceof Error)) return undefined;
  switch ((error as NodeJS.ErrnoException).code) {
    case "EMFILE":
      return descriptors(hardLimit(Resource.descriptors)); // the one in force: Node raises the other to it
    case "ENFILE":
      return exhausted("descriptors", "The machine has no more descriptors", "End what has many files open.");
    case "EAGAIN":
      return processes(hardLimit(Resource.processes));
    case "EFBIG":
      return exhausted("file-size", "No file of dlrpc may be as large as is needed", "Allow larger ones (ulimit -f).");
    case "ENOMEM":
      return exhausted(
        "memory",
        "The system gives dlrpc no more memory",
        "Unload plugins, or allow dlrpc more memory.",
      );
  }
  return undefined;
}

/** @returns what a host is told of an error; undefined where it is a defect of dlrpc */
export function knownError(error: unknown): DlrpcError | undefined {
  return error instanceof DlrpcError ? error : exhaustion(error);
}

/** @throws DlrpcError RESOURCES_EXHAUSTED where that is what was thrown: it must not be taken for anything else */
export function throwIfExhausted(error: unknown): void {
  const found = exhaustion(error);
  if (found !== undefined) throw found;
}

function descriptors(limit: number): DlrpcError {
  const message = `dlrpc has all ${limit} descriptors open that it may have`;
  return exhausted("descriptors", message, "Unload plugins, or start dlrpc with more (ulimit -n).", limit);
}

/** A control group may have a limit, too (pids.max), and does not say so. */
function processes(limit: number): DlrpcError {
  const most = limit < Number.MAX_SAFE_INTEGER ? `at most ${limit} for its user` : "its control group has a limit";
  const message = `The system starts no more processes for dlrpc: ${most}`;
  const hint = "Unload plugins, or allow more processes (ulimit -u, pids.max).";
  return exhausted("processes", message, hint, limit < Number.MAX_SAFE_INTEGER ? limit : undefined);
}

function exhausted(resource: string, message: string, hint: string, limit?: number): DlrpcError {
  return new DlrpcError("RESOURCES_EXHAUSTED", message, { resource, ...(limit !== undefined && { limit }), hint });
}
