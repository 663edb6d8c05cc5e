// Owns what the system can be asked about processes beyond node:process: who ends with whom, who belongs to whom.

import { whenReadable } from "./ffi.ts";
import { checked, libc } from "./libc.ts";

const PR_SET_PDEATHSIG = 1;
const PR_SET_DUMPABLE = 4;
const PR_SET_CHILD_SUBREAPER = 36;
const SIGKILL = 9;
const SIGUSR1 = 10;
const SIG_IGN = 1;
const WNOHANG = 1;
const SYS_PIDFD_OPEN = 434; // the same number on every architecture

const prctl = libc("prctl", "int", ["int", "uintptr_t", "uintptr_t", "uintptr_t", "uintptr_t"]);
const syscallWithPid = libc("syscall", "int64_t", ["int64_t", "int", "uint"]);
const setSignal = libc("signal", "uintptr_t", ["int", "uintptr_t"]);
const waitpid = libc("waitpid", "int", ["int", "void *", "int"]);
const underscoreExit = libc("_exit", "void", ["int"]);

/** Lets the kernel end this process as soon as its parent is gone, whatever this one is doing (prctl(2)). */
export function dieWithParent(): void {
  checked("prctl(PR_SET_PDEATHSIG)", prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
}

/** Keeps others of the same user from tracing this process and reading its memory (prctl(2), PR_SET_DUMPABLE). */
export function refuseTracing(): void {
  checked("prctl(PR_SET_DUMPABLE)", prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

/** Keeps SIGUSR1, at which Node opens its inspector or ends, without effect, whatever this thread is doing (signal(2)). */
export function ignoreInspectorSignal(): void {
  setSignal(SIGUSR1, SIG_IGN);
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

/** Takes note of the end of a child that Node knows nothing of, so that it does not stay a zombie (waitpid(2)). */
export function reapChild(pid: number): void {
  waitpid(pid, null, WNOHANG);
}

/** Ends this process at once, also while a thread of it is inside native code that does not return (_exit(2)). */
export function exitNow(status: number): never {
  underscoreExit(status);
  throw new Error("_exit returned");
}
