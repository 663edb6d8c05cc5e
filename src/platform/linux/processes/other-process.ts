// Owns looking into another process that this one may trace (ptrace(2)): its descriptors and its memory.

import { existsSync, readFileSync } from "node:fs";
import { addressOf } from "../../../ffi/ffi.ts";
import { checked, libc } from "../../../ffi/libc.ts";

/** The same numbers on every architecture. */
export const SYS_PIDFD_OPEN = 434;
const SYS_PIDFD_GETFD = 438;
/** A single thread, which may have descriptors of its own (Linux 6.9). */
const PIDFD_THREAD = 0o200;
const PAGE_BYTES = 4096; // the smallest there is

/** @returns -1 where there is no such process (pidfd_open(2)) */
export const pidfdOpen = libc("syscall", "int64_t", ["int64_t", "int", "uint"]);
const pidfdGetfd = libc("syscall", "int64_t", ["int64_t", "int", "int", "uint"]);
const readMemory = libc("process_vm_readv", "int64_t", ["int", "void *", "size_t", "void *", "size_t", "size_t"]);

/** A descriptor for a process (pidfd_open(2)), to be closed. @throws CallError such as ESRCH */
export function openProcess(pid: number): number {
  return checked("pidfd_open", pidfdOpen(SYS_PIDFD_OPEN, pid, 0));
}

/** As `openProcess`, for one thread; where the system does not know that, for its process. */
export function openThread(thread: number): number {
  const descriptor = pidfdOpen(SYS_PIDFD_OPEN, thread, PIDFD_THREAD);
  return descriptor === -1 ? openProcess(processOf(thread)) : descriptor;
}

/** Whether two threads are of one process (proc(5)). */
export function areTogether(thread: number, other: number): boolean {
  return existsSync(`/proc/${thread}/task/${other}`);
}

/** @throws Error where the thread has ended */
export function processOf(thread: number): number {
  return Number(/^Tgid:\s+(\d+)$/m.exec(readFileSync(`/proc/${thread}/status`, "utf8"))?.[1]);
}

/** A second descriptor here for what `number` is there (pidfd_getfd(2)), to be closed. @throws CallError such as EBADF, EPERM */
export function descriptorOf(process: number, number: number): number {
  return checked("pidfd_getfd", pidfdGetfd(SYS_PIDFD_GETFD, process, number, 0));
}

/** Copies memory of a process (process_vm_readv(2)). @returns what can be read of it from its begin on @throws CallError EFAULT */
export function memoryOf(pid: number, address: number, length: number): Buffer {
  const copy = Buffer.alloc(length);
  // A piece for each page that is touched: what cannot be read is left out by whole pieces only.
  const pieces: [at: number, length: number][] = [];
  for (let at = address; at < address + length; ) {
    const end = Math.min(address + length, at - (at % PAGE_BYTES) + PAGE_BYTES);
    pieces.push([at, end - at]);
    at = end;
  }
  const there = vector(pieces);
  const here = vector([[addressOf(copy), length]]);
  const count = checked("process_vm_readv", readMemory(pid, here, 1, there, pieces.length, 0));
  return copy.subarray(0, count);
}

/** As struct iovec: an address and a length each. */
function vector(pieces: readonly [number, number][]): Buffer {
  return Buffer.from(BigUint64Array.from(pieces.flat().map(BigInt)).buffer);
}
