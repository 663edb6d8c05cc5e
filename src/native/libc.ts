// Owns the functions of the C library that dlrpc calls, each under a name that says what it is for.

import { type Address, type CType, lastError, type NativeFunction, openLibrary } from "./ffi.ts";

const program = openLibrary(null);

/** @throws Error where this system's C library has no such function */
function libc(name: string, result: CType, parameters: readonly CType[]): NativeFunction {
  const found = program.function(name, result, parameters);
  return (
    found ??
    (() => {
      throw new Error(`${name}: not in the C library of ${process.platform}-${process.arch}`);
    })
  );
}

/** @throws Error naming the function and the error where a call answered -1 */
function checked(name: string, result: number): number {
  if (result === -1) throw new Error(`${name}: ${lastError()}`);
  return result;
}

// --- memory

/** The length of a NUL-terminated string, in bytes (strlen(3)). */
export const stringLength = libc("strlen", "size_t", ["uintptr_t"]) as (string: Address) => number;

/** Copies `length` bytes from an address into `target` (memcpy(3)). */
export const copyBytes = libc("memcpy", "uintptr_t", ["void *", "uintptr_t", "size_t"]) as (
  target: Uint8Array,
  source: Address,
  length: number,
) => number;

// --- descriptors

const F_DUPFD_CLOEXEC = 1030;
const F_ADD_SEALS = 1033;
const F_SEAL_EVERYTHING = 0x1 | 0x2 | 0x4 | 0x8; // F_SEAL_SEAL, SHRINK, GROW, WRITE
const MFD_CLOEXEC = 0x1;
const MFD_ALLOW_SEALING = 0x2;
const MFD_NOEXEC_SEAL = 0x8;
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;

const fcntl = libc("fcntl", "int", ["int", "int", "int"]);
const dup2 = libc("dup2", "int", ["int", "int"]);
const socketpair = libc("socketpair", "int", ["int", "int", "int", "void *"]);
const memfdCreate = libc("memfd_create", "int", ["str", "uint"]);

/** A second descriptor, 3 or higher, for what `descriptor` is open on; programs started later do not get it. */
export function duplicateDescriptor(descriptor: number): number {
  return checked("fcntl(F_DUPFD_CLOEXEC)", fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
}

/** Makes `descriptor` refer to what `target` is open on (dup2(2)). */
export function redirectDescriptor(descriptor: number, target: number): void {
  checked("dup2", dup2(target, descriptor));
}

/** Two descriptors connected to each other, both closed in programs started later (socketpair(2)). */
export function connectedPair(): [number, number] {
  const pair = Buffer.alloc(8);
  checked("socketpair", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
  return [pair.readInt32LE(0), pair.readInt32LE(4)];
}

/** A file in memory that belongs to nobody else (memfd_create(2)). */
export function memoryFile(name: string): number {
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const sealed = memfdCreate(name, flags | MFD_NOEXEC_SEAL);
  if (sealed !== -1) return sealed;
  return checked("memfd_create", memfdCreate(name, flags)); // before Linux 6.3 there is no MFD_NOEXEC_SEAL
}

/** Makes a memory file unchangeable, for its holder too (fcntl(2), F_ADD_SEALS). */
export function sealMemoryFile(descriptor: number): void {
  checked("fcntl(F_ADD_SEALS)", fcntl(descriptor, F_ADD_SEALS, F_SEAL_EVERYTHING));
}

// --- processes

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;
const SYS_PIDFD_OPEN = 434; // the same number on every architecture

const prctl = libc("prctl", "int", ["int", "uintptr_t", "uintptr_t", "uintptr_t", "uintptr_t"]);
const syscallWithPid = libc("syscall", "int64_t", ["int64_t", "int", "uint"]);
const underscoreExit = libc("_exit", "void", ["int"]);

/** Lets the kernel end this process as soon as its parent is gone, whatever this one is doing (prctl(2)). */
export function dieWithParent(): void {
  checked("prctl(PR_SET_PDEATHSIG)", prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
}

/** A descriptor that becomes readable when the process ends, or undefined where it is gone or cannot be seen. */
export function processDescriptor(pid: number): number | undefined {
  const descriptor = syscallWithPid(SYS_PIDFD_OPEN, pid, 0);
  return descriptor === -1 ? undefined : descriptor;
}

/** Ends this process at once, also while a thread of it is inside native code that does not return (_exit(2)). */
export function exitNow(status: number): never {
  underscoreExit(status);
  throw new Error("_exit returned");
}

// --- what a plugin may have left changed

const FE_DFL_ENV = -1; // glibc and musl
const IO_LINE_BUFFERED = 1;

const fesetenv = libc("fesetenv", "int", ["intptr_t"]);
const setvbuf = libc("setvbuf", "int", ["uintptr_t", "uintptr_t", "int", "size_t"]);

/** Rounding mode, flush-to-zero and exceptions as at program start (fesetenv(3)): a plugin's would leak into JS. */
export function restoreFloatingPoint(): void {
  fesetenv(FE_DFL_ENV);
}

/** Lets `printf` of native code leave at the end of each line also when stdout is a pipe (setvbuf(3)). */
export function lineBufferStdout(): void {
  const stdout = program.pointer("stdout");
  if (stdout !== undefined) setvbuf(stdout, 0, IO_LINE_BUFFERED, 0);
}
