// Owns what this process does to itself, beyond node:process.

import { endAs as endBySignal, exitNow as endPosixProcess } from "../../both-halves/processes/posix-end.ts";
import * as posix from "../../posix/process-end.ts";
import { exitNow as endWindowsProcess } from "../../windows/processes/exit-now.ts";
import * as windows from "../../windows/processes/process-end.ts";
import { system } from "../program/system.ts";

/** What Windows says of a program that Ctrl-C, Ctrl-Break or a closed window has ended. */
const STATUS_CONTROL_C_EXIT = 0xc000013a;

/** Nothing keeps others of the same user away from it; what it opens is not passed on, as libuv opens it. */
export const guards: readonly (() => void)[] = [];

/**
 * Calls `action` once the process has ended.
 * @returns false where the process is gone, or cannot be seen
 */
export function whenProcessEnds(pid: number, action: () => void): boolean {
  return (system === "windows" ? windows : posix).whenProcessEnds(pid, action);
}

/** Ends this process at once, also while a thread of Node's waits inside a system call. */
export function exitNow(status: number): never {
  return system === "windows" ? endWindowsProcess(status) : endPosixProcess(status);
}

/** Whoever has started this sees that the signal has ended it. */
export function endAs(signal: NodeJS.Signals): Promise<never> {
  return system === "windows" ? endWindowsProcess(STATUS_CONTROL_C_EXIT) : endBySignal(signal);
}
