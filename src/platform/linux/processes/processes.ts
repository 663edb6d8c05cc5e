// Owns what the system can be asked about other processes beyond node:process: how one ended, and who shares memory with whom.

import { constants } from "node:os";
import { checked, libc } from "../../../ffi/libc.ts";
import type { End } from "../../end.ts";

const WNOHANG = 1;
const SYS_KCMP = process.arch === "x64" ? 312 : 272; // x86-64's own, and that of all newer ones
const KCMP_VM = 1;

const compare = libc("syscall", "int64_t", ["int64_t", "int", "int", "int", "uintptr_t", "uintptr_t"]);
const waitpid = libc("waitpid", "int", ["int", "void *", "int"]);

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
