// Owns what a process gives up for good, and what it may use at most.

import { checked, libc } from "./libc.ts";

const PR_CAPBSET_READ = 23;
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;
const CAPABILITY_VERSION_3 = 0x20080522;

const prctl = libc("prctl", "int", ["int", "uintptr_t", "uintptr_t", "uintptr_t", "uintptr_t"]);
const capset = libc("capset", "int", ["void *", "void *"]);
const prlimit = libc("prlimit64", "int", ["int", "int", "void *", "void *"]);
const execve = libc("execve", "int", ["str", "str *", "str *"]);

/** Programs that this process starts or becomes gain no rights by their mode or their file (PR_SET_NO_NEW_PRIVS). */
export function forbidNewPrivileges(): void {
  checked("prctl(PR_SET_NO_NEW_PRIVS)", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

/** Gives up every capability of this thread, and where it may, every chance to get one back (capabilities(7)). */
export function dropCapabilities(): void {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); // before Linux 4.3 there is none to clear
  for (let capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) !== -1; capability++) {
    prctl(PR_CAPBSET_DROP, capability, 0, 0, 0); // EPERM where it had no right to: then it has nothing to get back by
  }
  const header = Buffer.alloc(8); // struct __user_cap_header_struct: this thread
  header.writeUInt32LE(CAPABILITY_VERSION_3);
  checked("capset", capset(header, Buffer.alloc(24)));
}

/** What a limit is on (getrlimit(2)). */
export const Resource = { fileSize: 1, data: 2, core: 4, processes: 6, descriptors: 7, addressSpace: 9 } as const;

/** Sets what process `pid` may use at most, for good unless it is privileged (prlimit(2)). */
export function limitResource(pid: number, resource: number, most: number): void {
  const limit = Buffer.alloc(16); // struct rlimit64: soft, hard
  limit.writeBigUInt64LE(BigInt(most), 0);
  limit.writeBigUInt64LE(BigInt(most), 8);
  checked("prlimit", prlimit(pid, resource, limit, null));
}

/** The most that this process may use itself, in the unit of the resource. */
export function hardLimit(resource: number): number {
  const limit = Buffer.alloc(16);
  checked("prlimit", prlimit(0, resource, null, limit));
  return Number(limit.readBigUInt64LE(8));
}

/** Becomes another program, with the same process and its open descriptors (execve(2)). @throws Error where it cannot */
export function becomeProgram(file: string, args: readonly string[], environment: NodeJS.ProcessEnv): never {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  checked("execve", execve(file, [file, ...args, null], [...variables, null]));
  throw new Error("execve returned");
}
