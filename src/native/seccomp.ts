// Owns asking for seccomp (seccomp(2)). A worker puts itself under a filter.

import { checked, libc } from "./libc.ts";

const SYS_SECCOMP = { x64: 317, arm64: 277 } as const;
const GET_ACTION_AVAIL = 2;
const RET_ERRNO = 0x00050000;

const seccomp = libc("syscall", "int64_t", ["int64_t", "uint32_t", "uint32_t", "void *"]);

/** @throws Error saying why there is no seccomp */
export function requireSeccomp(): void {
  const { platform, arch } = process;
  if (platform !== "linux" || (arch !== "x64" && arch !== "arm64")) {
    throw new Error(`seccomp: not known to dlrpc on ${platform}-${arch}`);
  }
  const action = Buffer.from(Uint32Array.of(RET_ERRNO).buffer);
  checked("seccomp", seccomp(SYS_SECCOMP[arch], GET_ACTION_AVAIL, 0, action));
}
