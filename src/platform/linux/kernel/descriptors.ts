// Owns what is done with file descriptors beyond node:fs.

import { constants } from "node:fs";
import { errno, lastError } from "../../../ffi/ffi.ts";
import { checked, libc } from "../../../ffi/libc.ts";

const F_GETFL = 3;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;
const F_ADD_SEALS = 1033;
const F_GET_SEALS = 1034;
const F_SEAL_LENGTH = 0x1 | 0x2 | 0x4; // F_SEAL_SEAL, SHRINK, GROW
const F_SEAL_EVERYTHING = F_SEAL_LENGTH | 0x8; // and WRITE
const F_SEAL_ANY_WRITE = 0x8 | 0x10; // F_SEAL_WRITE, FUTURE_WRITE
const O_ACCMODE = 0o3;
const O_NONBLOCK = 0o4000;
const MFD_CLOEXEC = 0x1;
const MFD_ALLOW_SEALING = 0x2;
const MFD_NOEXEC_SEAL = 0x8;
const MFD_EXEC = 0x10;
const CLOSE_RANGE_CLOEXEC = 0x4;
const HIGHEST_DESCRIPTOR = 0xffffffff;
/** open(2); Node has no name for it. */
export const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;
/** A link is not followed, and can be named itself. */
export const O_PATH_NOFOLLOW = O_PATH | O_CLOEXEC | constants.O_NOFOLLOW; // which differs between processors
const SYS_OPENAT2 = 437; // the same number on every architecture
const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_BENEATH = 0x08;
const EAGAIN = 11;
const AT_FDCWD = -100;
const AT_EACCESS = 0x200;
const MOST_TRIES = 16;

const fcntl = libc("fcntl", "int", ["int", "int", "int"]);
const dup2 = libc("dup2", "int", ["int", "int"]);
const memfdCreate = libc("memfd_create", "int", ["str", "uint"]);
const closeRange = libc("close_range", "int", ["uint", "uint", "int"]);
const faccessAt = libc("faccessat", "int", ["int", "void *", "int", "int"]);
const openAt2 = libc("syscall", "int64_t", ["int64_t", "int", "void *", "void *", "size_t"]);

/** A second descriptor, `least` or higher, for what `descriptor` is open on; programs started later do not get it. */
export function duplicateDescriptor(descriptor: number, least = 3): number {
  return checked("fcntl(F_DUPFD_CLOEXEC)", fcntl(descriptor, F_DUPFD_CLOEXEC, least));
}

/** Makes `descriptor` refer to what `target` is open on (dup2(2)). */
export function redirectDescriptor(descriptor: number, target: number): void {
  checked("dup2", dup2(target, descriptor));
}

/** Keeps every descriptor behind stdin, stdout and stderr from programs started later (close_range(2), Linux 5.11). */
export function keepDescriptorsToOneself(): void {
  checked("close_range", closeRange(3, HIGHEST_DESCRIPTOR, CLOSE_RANGE_CLOEXEC));
}

/** Lets writes wait while the reader is behind, instead of failing (fcntl(2), F_SETFL). */
export function makeBlocking(descriptor: number): void {
  const flags = checked("fcntl(F_GETFL)", fcntl(descriptor, F_GETFL, 0));
  checked("fcntl(F_SETFL)", fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK));
}

/** Lets reads and writes fail, instead of waiting, where nothing can be done at once (fcntl(2), F_SETFL). */
export function makeNonBlocking(descriptor: number): void {
  const flags = checked("fcntl(F_GETFL)", fcntl(descriptor, F_GETFL, 0));
  checked("fcntl(F_SETFL)", fcntl(descriptor, F_SETFL, flags | O_NONBLOCK));
}

/** A file in memory that belongs to nobody else, and that is not run (memfd_create(2)). */
export function memoryFile(name: string): number {
  return createMemoryFile(name, MFD_NOEXEC_SEAL);
}

/** A file in memory that may be run as a program. @throws Error EACCES where the system forbids that (vm.memfd_noexec) */
export function runnableMemoryFile(name: string): number {
  return createMemoryFile(name, MFD_EXEC);
}

/** Before Linux 6.3 there was no such flag, and no file could be told from another. */
function createMemoryFile(name: string, flag: number): number {
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const descriptor = memfdCreate(name, flags | flag);
  return descriptor === -1 && lastError() === "EINVAL"
    ? checked("memfd_create", memfdCreate(name, flags))
    : checked("memfd_create", descriptor);
}

/** Makes a memory file unchangeable, for its holder too (fcntl(2), F_ADD_SEALS). */
export function sealMemoryFile(descriptor: number): void {
  checked("fcntl(F_ADD_SEALS)", fcntl(descriptor, F_ADD_SEALS, F_SEAL_EVERYTHING));
}

/** Lets a memory file keep its length, whoever has it: memory that is mapped and cut off is a SIGBUS (fcntl(2)). */
export function sealMemoryFileLength(descriptor: number): void {
  checked("fcntl(F_ADD_SEALS)", fcntl(descriptor, F_ADD_SEALS, F_SEAL_LENGTH));
}

/**
 * Whether modes and owners let this process do it, with the privileges that it uses now (faccessat(2), AT_EACCESS).
 * @param path absolute @param mode R_OK, W_OK, X_OK
 */
export function isPermitted(path: Buffer, mode: number): boolean {
  return faccessAt(AT_FDCWD, Buffer.concat([path, Buffer.alloc(1)]), mode, AT_EACCESS) === 0;
}

/**
 * Opens what is beneath a directory to name it, not to read it; no link and no `..` leads out of there (openat2(2)).
 * @param path relative, in whichever bytes
 * @param followsLast whether a link in its last part is followed, too
 * @throws CallError such as ENOENT, and EXDEV where it leads out
 */
export function openBeneath(directory: number, path: Buffer, followsLast: boolean): number {
  const flags = followsLast ? O_PATH | O_CLOEXEC : O_PATH_NOFOLLOW;
  const how = Buffer.from(BigUint64Array.of(BigInt(flags), 0n, BigInt(RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS)).buffer);
  const name = Buffer.concat([path, Buffer.alloc(1)]);
  // EAGAIN: anything at all was renamed while `..` was looked up, so that the system cannot tell, and says to ask again.
  for (let tries = 1; ; tries++) {
    const descriptor = openAt2(SYS_OPENAT2, directory, name, how, how.length);
    if (descriptor === -1 && errno() === EAGAIN && tries < MOST_TRIES) continue;
    return checked("openat2", descriptor);
  }
}

/**
 * Whether who has opened it may write to it by that. What says so with O_PATH, or with both bits of the access mode, which
 * stand for neither reading nor writing, was not asked for the right; what is sealed cannot be written whatever it says.
 */
export function isOpenForWriting(descriptor: number): boolean {
  const flags = checked("fcntl(F_GETFL)", fcntl(descriptor, F_GETFL, 0));
  const mode = flags & O_ACCMODE;
  if ((flags & O_PATH) !== 0 || (mode !== constants.O_WRONLY && mode !== constants.O_RDWR)) return false;
  const seals = fcntl(descriptor, F_GET_SEALS, 0); // -1 where there can be none
  return seals === -1 || (seals & F_SEAL_ANY_WRITE) === 0;
}

/** Whether nothing can be read from it, whatever it is open on: it is open for writing only, or to name it (open(2)). */
export function isUnreadable(descriptor: number): boolean {
  const flags = checked("fcntl(F_GETFL)", fcntl(descriptor, F_GETFL, 0));
  return (flags & O_PATH) !== 0 || (flags & O_ACCMODE) === constants.O_WRONLY;
}

/** Whether it only names a file, and is no use for the file's content (open(2), O_PATH). */
export function isPathOnly(descriptor: number): boolean {
  return (checked("fcntl(F_GETFL)", fcntl(descriptor, F_GETFL, 0)) & O_PATH) !== 0;
}
