// Owns asking for seccomp (seccomp(2)). A worker puts itself under a filter.

import { errno, errorName } from "../../../ffi/ffi.ts";
import { checked, libc } from "../../../ffi/libc.ts";

const SYS_SECCOMP = { x64: 317, arm64: 277 } as const;
const SET_MODE_FILTER = 1;
const GET_ACTION_AVAIL = 2;
const GET_NOTIF_SIZES = 3;
const RET_ERRNO = 0x00050000;
const NEW_LISTENER = 0x08;
/** Only what ends a process interrupts a call that is being judged (Linux 5.19). */
const WAIT_KILLABLE_RECV = 0x20;
const EFAULT = 14;

const seccomp = libc("syscall", "int64_t", ["int64_t", "uint32_t", "uint32_t", "void *"]);

/** @throws Error saying why there is no seccomp */
export function requireSeccomp(): void {
  const action = Buffer.from(Uint32Array.of(RET_ERRNO).buffer);
  checked("seccomp", seccomp(callNumber(), GET_ACTION_AVAIL, 0, action));
}

/** The flags by which a filter comes with a listener for what it notifies of. @throws Error saying why there are none */
export function listenerFlags(): number {
  return hasFlags(NEW_LISTENER | WAIT_KILLABLE_RECV) ? NEW_LISTENER | WAIT_KILLABLE_RECV : requireFlags(NEW_LISTENER);
}

/** How many bytes the system's struct seccomp_notif and struct seccomp_notif_resp have. @throws Error */
export function notificationSizes(): { question: number; answer: number } {
  const sizes = Buffer.alloc(6); // struct seccomp_notif_sizes: three uint16_t, the last that of struct seccomp_data
  checked("seccomp(SECCOMP_GET_NOTIF_SIZES)", seccomp(callNumber(), GET_NOTIF_SIZES, 0, sizes));
  return { question: sizes.readUInt16LE(0), answer: sizes.readUInt16LE(2) };
}

/** Flags are judged before the filter, which is missing here. */
function hasFlags(flags: number): boolean {
  return seccomp(callNumber(), SET_MODE_FILTER, flags, null) === -1 && errno() === EFAULT;
}

function requireFlags(flags: number): number {
  if (hasFlags(flags)) return flags;
  throw new Error(`seccomp(SECCOMP_FILTER_FLAG_NEW_LISTENER): ${errorName(errno())}`);
}

function callNumber(): number {
  const { platform, arch } = process;
  if (platform === "linux" && (arch === "x64" || arch === "arm64")) return SYS_SECCOMP[arch];
  throw new Error(`seccomp: not known to dlrpc on ${platform}-${arch}`);
}
