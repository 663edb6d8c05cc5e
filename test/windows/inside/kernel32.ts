// Owns what the tests use of Windows beside Node: memory to share, jobs, the life of processes. As dlrpc will.

import { createRequire } from "node:module";

type Native = (...args: readonly (number | bigint | string | Uint8Array | null)[]) => number;

interface Koffi {
  load(path: string): { func(name: string, result: string, parameters: readonly string[]): Native };
  view(address: bigint, length: number): ArrayBuffer;
}

const koffi: Koffi = createRequire(import.meta.url)("Z:\\work\\koffi.node");
const kernel32 = koffi.load("kernel32.dll");
const call = (name: string, ...parameters: string[]): Native => kernel32.func(name, "intptr_t", parameters);

const createFileMapping = call(
  "CreateFileMappingW",
  "intptr_t",
  "void *",
  "uint32_t",
  "uint32_t",
  "uint32_t",
  "void *",
);
const mapViewOfFile = call("MapViewOfFile", "intptr_t", "uint32_t", "uint32_t", "uint32_t", "size_t");
const setHandleInformation = call("SetHandleInformation", "intptr_t", "uint32_t", "uint32_t");
const closeHandle = call("CloseHandle", "intptr_t");
const createJobObject = call("CreateJobObjectW", "void *", "void *");
const setInformationJobObject = call("SetInformationJobObject", "intptr_t", "int", "void *", "uint32_t");
const assignProcessToJobObject = call("AssignProcessToJobObject", "intptr_t", "intptr_t");
const openProcess = call("OpenProcess", "uint32_t", "int", "uint32_t");
const waitForSingleObject = call("WaitForSingleObject", "intptr_t", "uint32_t");
const getLastError = call("GetLastError");

const NO_FILE = -1;
const PAGE_READWRITE = 4;
const FILE_MAP_WRITE = 2;
const HANDLE_FLAG_INHERIT = 1;
const ALL_ACCESS = 0x1fffff;
const SYNCHRONIZE = 0x100000;
const EXTENDED_LIMITS = 9;
/** A JOBOBJECT_EXTENDED_LIMIT_INFORMATION, and the place of LimitFlags in it. */
const EXTENDED_LIMITS_BYTES = 144;
const LIMIT_FLAGS_OFFSET = 16;
const KILL_ON_JOB_CLOSE = 0x2000;

function must(result: number, what: string): number {
  if (result === 0) throw new Error(`${what}: error ${getLastError()}`);
  return result;
}

/** Memory that a process can inherit by its handle's number. */
export class SharedMemory implements Disposable {
  readonly handle: number;
  readonly bytes: Buffer;
  readonly words: Int32Array;

  constructor(length: number) {
    this.handle = must(createFileMapping(NO_FILE, null, PAGE_READWRITE, 0, length, null), "CreateFileMappingW");
    const address = must(mapViewOfFile(this.handle, FILE_MAP_WRITE, 0, 0, length), "MapViewOfFile");
    const memory = koffi.view(BigInt(address), length);
    this.bytes = Buffer.from(memory);
    this.words = new Int32Array(memory);
  }

  /** Only what is started meanwhile inherits it. */
  inheritable<Result>(start: () => Result): Result {
    must(setHandleInformation(this.handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT), "SetHandleInformation");
    const result = start();
    must(setHandleInformation(this.handle, HANDLE_FLAG_INHERIT, 0), "SetHandleInformation");
    return result;
  }

  [Symbol.dispose](): void {
    closeHandle(this.handle);
  }
}

/** Processes that end with this object, and with the process that holds it, along with all that they have started. */
export class Job implements Disposable {
  private handle = must(createJobObject(null, null), "CreateJobObjectW");

  constructor(pid: number) {
    const limits = Buffer.alloc(EXTENDED_LIMITS_BYTES);
    limits.writeUInt32LE(KILL_ON_JOB_CLOSE, LIMIT_FLAGS_OFFSET);
    must(setInformationJobObject(this.handle, EXTENDED_LIMITS, limits, limits.length), "SetInformationJobObject");
    const process = must(openProcess(ALL_ACCESS, 0, pid), "OpenProcess");
    must(assignProcessToJobObject(this.handle, process), "AssignProcessToJobObject");
    closeHandle(process);
  }

  [Symbol.dispose](): void {
    if (this.handle !== 0) closeHandle(this.handle);
    this.handle = 0;
  }
}

/** A hold on a process: its number goes to no other meanwhile. */
export class WatchedProcess implements Disposable {
  private readonly handle: number;

  constructor(pid: number) {
    this.handle = must(openProcess(SYNCHRONIZE, 0, pid), `OpenProcess(${pid})`);
  }

  /** Waits for its end. @returns whether it has ended by then */
  hasEndedWithin(milliseconds: number): boolean {
    return waitForSingleObject(this.handle, milliseconds) === 0;
  }

  [Symbol.dispose](): void {
    closeHandle(this.handle);
  }
}
