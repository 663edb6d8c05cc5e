// The status that a command line ends with, for every category of errors, as help tells it and scripts know it.

import { type ErrorCategory, type ErrorKind, errorKinds } from "../../protocol/error-kinds.ts";

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

const statusOfCategory: Readonly<Record<ErrorCategory, number>> = {
  usage: USAGE,
  plugin: INVALID,
  crash: CRASH,
  ended: TIMEOUT,
  refused: REFUSED,
  defect: DEFECT,
};

export const statusOfKind = (kind: ErrorKind): number => statusOfCategory[errorKinds[kind].category];
