// Owns why a worker did not start, for a host.

import { constants } from "node:os";
import { launchHint } from "#platform/processes/launch";
import { DlrpcError } from "../../protocol/errors.ts";
import { messageOf } from "../base/failures.ts";
import { CallError } from "../ffi/libc.ts";
import { knownError } from "../platform/exhaustion.ts";

/** @returns the error that it is already, else WORKER_UNAVAILABLE */
export function startError(error: unknown): DlrpcError {
  return knownError(error) ?? missingCall(error) ?? cannotStart(messageOf(error));
}

/** @returns the error where a system call failed as there is none, or none that a sandbox around dlrpc lets it use */
export function missingCall(error: unknown): DlrpcError | undefined {
  if (!(error instanceof CallError) || error.errno !== constants.errno.ENOSYS) return undefined;
  return didNotStart(error.message, "The system, or a sandbox around dlrpc (seccomp), lacks this system call.");
}

export function cannotStart(why: string): DlrpcError {
  return didNotStart(why, launchHint());
}

function didNotStart(why: string, hint: string | undefined): DlrpcError {
  const message = `The process that the plugin is to run in did not start: ${why}`;
  return new DlrpcError("WORKER_UNAVAILABLE", message, hint === undefined ? {} : { hint });
}
