// Owns what the system can be asked about processes beyond node:process: who ends with whom, who belongs to whom.

import { constants } from "node:os";
import { whenReadable } from "../../native/ffi.ts";
import { checked, libc } from "../../native/libc.ts";
import type { End } from "../end.ts";

const PR_SET_DUMPABLE = 4;
const PR_SET_CHILD_SUBREAPER = 36;
const WNOHANG = 1;
const SYS_PIDFD_OPEN = 434; // the same number on every architecture
const SYS_KCMP = process.arch === "x64" ? 312 : 272; // x86-64's own, and that of all newer ones
const KCMP_VM = 1;

const prctl = libc("prctl", "int", ["int", "uintptr_t", "uintptr_t", "uintptr_t", "uintptr_t"]);
const syscallWithPid = libc("syscall", "int64_t", ["int64_t", "int", "uint"]);
const compare = libc("syscall", "int64_t", ["int64_t", "int", "int", "int", "uintptr_t", "uintptr_t"]);
const waitpid = libc("waitpid", "int", ["int", "void *", "int"]);
const underscoreExit = libc("_exit", "void", ["int"]);

/** Keeps others of the same user from tracing this process and reading its memory (prctl(2), PR_SET_DUMPABLE). */
export function refuseTracing(): void {
  checked("prctl(PR_SET_DUMPABLE)", prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

/** Makes this process the parent of its descendants whose own parent ends (prctl(2), PR_SET_CHILD_SUBREAPER). */
export function adoptOrphans(): void {
  checked("prctl(PR_SET_CHILD_SUBREAPER)", prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
}

/**
 * Calls `action` once the process has ended (pidfd_open(2)).
 * @returns false where the process is gone, or cannot be seen, as one outside of this one's container
 */
export function whenProcessEnds(pid: number, action: () => void): boolean {
  const descriptor = pid > 0 ? syscallWithPid(SYS_PIDFD_OPEN, pid, 0) : -1;
  if (descriptor === -1) return false;
  whenReadable(descriptor, action);
  return true;
}

/**
 * Whether two processes use the same memory, as a new one and its parent do until it runs its program (kcmp(2)).
 * @returns false where the system does not say
 */
export function haveSameMemory(one: number, other: number): boolean {
  return compare(SYS_KCMP, one, other, KCMP_VM, 0, 0) === 0;
}

/** Takes note of a child's end, so that it does not stay a zombie (waitpid(2)). @returns undefined while it lives */
export function endOfChild(pid: number): End | undefined {
  const status = Buffer.alloc(4);
  if (checked("waitpid", waitpid(pid, status, WNOHANG)) === 0) return undefined;
  const [low = 0, high = 0] = status;
  const signal = low & 0x7f;
  return signal === 0 ? { signal: null, exitCode: high } : { signal: signalName(signal), exitCode: null };
}

/** As kill(1) knows it; real-time signals have none. */
function signalName(number: number): string {
  const known = Object.entries(constants.signals).find(([, value]) => value === number);
  return known?.[0] ?? `signal ${number}`;
}

/** Ends this process at once, also while a thread of Node's waits inside a system call (_exit(2)). */
export function exitNow(status: number): never {
  underscoreExit(status);
  throw new Error("_exit returned");
}
