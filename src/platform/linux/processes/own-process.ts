// Owns what this process does to itself, beyond node:process: out of the reach of others, its end.

import { whenReadable } from "../../../ffi/ffi.ts";
import { checked, libc } from "../../../ffi/libc.ts";
import { keepDescriptorsToOneself } from "../kernel/descriptors.ts";
import { pidfdOpen, SYS_PIDFD_OPEN } from "./other-process.ts";

export { endAs, exitNow } from "../../both-halves/processes/posix-end.ts";

const PR_SET_DUMPABLE = 4;
const PR_SET_CHILD_SUBREAPER = 36;

const prctl = libc("prctl", "int", ["int", "uintptr_t", "uintptr_t", "uintptr_t", "uintptr_t"]);

/** What keeps it out of the reach of plugins, and of what the host left open in it; each throws where it cannot be done. */
export const guards: readonly (() => void)[] = [keepDescriptorsToOneself, refuseTracing, adoptOrphans];

/** Keeps others of the same user from tracing this process and reading its memory (prctl(2), PR_SET_DUMPABLE). */
function refuseTracing(): void {
  checked("prctl(PR_SET_DUMPABLE)", prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

/** Makes this process the parent of its descendants whose own parent ends (prctl(2), PR_SET_CHILD_SUBREAPER). */
function adoptOrphans(): void {
  checked("prctl(PR_SET_CHILD_SUBREAPER)", prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
}

/**
 * Calls `action` once the process has ended (pidfd_open(2)).
 * @returns false where the process is gone, or cannot be seen, as one outside of this one's container
 */
export function whenProcessEnds(pid: number, action: () => void): boolean {
  const descriptor = pid > 0 ? pidfdOpen(SYS_PIDFD_OPEN, pid, 0) : -1;
  if (descriptor === -1) return false;
  whenReadable(descriptor, action);
  return true;
}
