// Owns telling that this process, or the machine, has run out of something, whichever call found out (errno(3)).

import { hardLimit, Resource } from "#platform/processes/limits";
import { system } from "#platform/program/system";
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
      return exhausted(
        "file-size",
        "No file of dlrpc may be as large as is needed",
        `Allow larger ones${by("ulimit -f")}.`,
      );
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
  const known = knownLimit(limit);
  const message = `dlrpc has all ${known === undefined ? "" : `${known} `}descriptors open that it may have`;
  return exhausted("descriptors", message, `Unload plugins, or start dlrpc with more${by("ulimit -n")}.`, known);
}

/** On Linux a control group may have a limit, too (pids.max), and does not say so. */
function processes(limit: number): DlrpcError {
  const known = knownLimit(limit);
  const most = known === undefined ? NO_LIMIT[system] : `at most ${known} for its user`;
  const message = `The system starts no more processes for dlrpc: ${most}`;
  const hint = `Unload plugins, or allow more processes${by(system === "linux" ? "ulimit -u, pids.max" : "ulimit -u")}.`;
  return exhausted("processes", message, hint, known);
}

const NO_LIMIT = {
  linux: "its control group has a limit",
  macos: "there are as many as it has room for",
  windows: "it is out of memory, or of handles",
};

/** What changes a limit, in parentheses. Windows has no such command. */
function by(command: string): string {
  return system === "windows" ? "" : ` (${command})`;
}

function knownLimit(limit: number): number | undefined {
  return limit < Number.MAX_SAFE_INTEGER ? limit : undefined;
}

function exhausted(resource: string, message: string, hint: string, limit?: number): DlrpcError {
  return new DlrpcError("RESOURCES_EXHAUSTED", message, { resource, ...(limit !== undefined && { limit }), hint });
}
