// The status that a command line ends with, for every kind of error, as help tells it and scripts know it.

import type { ErrorKind } from "../../protocol/errors.ts";

export const USAGE = 2;
const INVALID = 3;
const CRASH = 4;
const TIMEOUT = 5;
const REFUSED = 6;
/** EX_SOFTWARE of sysexits(3). */
export const DEFECT = 70;

/** Of verbs that look at plugins. */
export const fileStatuses = {
  [USAGE]: "the command line is not understood or cannot be done, or dlrpc cannot start",
  [INVALID]: "a plugin is not found, or it or its answer is not in order",
  [REFUSED]: "refused: by trust, a signature or hash, the sandbox, or a limit of the system",
} as const;

/** Of verbs that run them. */
export const runStatuses = {
  ...fileStatuses,
  [CRASH]: "the plugin's process ended unasked",
  [TIMEOUT]: "a deadline passed",
} as const;

export const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  PARSE_ERROR: USAGE,
  BAD_FRAME: USAGE,
  INVALID_REQUEST: USAGE,
  DUPLICATE_ID: USAGE,
  MESSAGE_TOO_LARGE: USAGE,
  METHOD_NOT_FOUND: USAGE,
  INVALID_PARAMS: USAGE,
  INTERNAL_ERROR: DEFECT,
  REQUEST_CANCELLED: TIMEOUT,
  PATH_NOT_FOUND: INVALID,
  UNTRUSTED_PATH: REFUSED,
  INVALID_PLUGIN: INVALID,
  LIBRARY_NOT_FOUND: INVALID,
  LIBRARY_LOAD_FAILED: INVALID,
  SYMBOL_MISSING: INVALID,
  ABI_MISMATCH: INVALID,
  INVALID_METADATA: INVALID,
  INTEGRITY_FAILED: REFUSED,
  SANDBOX_UNAVAILABLE: REFUSED,
  WORKER_UNAVAILABLE: REFUSED,
  RESOURCES_EXHAUSTED: REFUSED,
  UNKNOWN_HANDLE: INVALID,
  PLUGIN_CRASHED: CRASH,
  PLUGIN_TIMEOUT: TIMEOUT,
  INVALID_RESULT: INVALID,
  OVERLOADED: REFUSED,
  PLUGIN_QUARANTINED: CRASH,
  SHUTTING_DOWN: TIMEOUT,
};
