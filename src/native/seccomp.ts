// Owns the system call of seccomp (seccomp(2)): a filter over every further system call of this process.

import { addressOf } from "./ffi.ts";
import { checked, libc } from "./libc.ts";

const SYS_SECCOMP = { x64: 317, arm64: 277 } as const;
const SET_MODE_FILTER = 1;
const GET_ACTION_AVAIL = 2;
const FLAG_TSYNC = 1;
const RET_ERRNO = 0x00050000;
const INSTRUCTION_BYTES = 8;

const seccomp = libc("syscall", "int64_t", ["int64_t", "uint32_t", "uint32_t", "void *"]);

/** @throws Error saying why there is none */
function seccompNumber(): number {
  const { platform, arch } = process;
  if (platform === "linux" && (arch === "x64" || arch === "arm64")) return SYS_SECCOMP[arch];
  throw new Error(`seccomp: not known to dlrpc on ${platform}-${arch}`);
}

/** @throws Error saying why there is no seccomp */
export function requireSeccomp(): void {
  const action = Buffer.alloc(4);
  action.writeUInt32LE(RET_ERRNO);
  checked("seccomp", seccomp(seccompNumber(), GET_ACTION_AVAIL, 0, action));
}

/**
 * Puts every thread of this process, and what it becomes and starts, under a filter for good.
 * @param filter instructions of classic BPF (struct sock_filter)
 */
export function filterSystemCalls(filter: Uint8Array): void {
  const program = Buffer.alloc(16); // struct sock_fprog
  program.writeUInt16LE(filter.length / INSTRUCTION_BYTES, 0);
  program.writeBigUInt64LE(BigInt(addressOf(filter)), 8);
  const outOfStep = checked("seccomp", seccomp(seccompNumber(), SET_MODE_FILTER, FLAG_TSYNC, program));
  if (outOfStep > 0) throw new Error(`seccomp: thread ${outOfStep} has a filter of its own`);
}
