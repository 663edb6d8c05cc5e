// Owns jobs: a worker and all that it starts, which end together, and with dlrpc, and have their limits together.

import { Handle, openProcess, ProcessAccess } from "../handles.ts";
import { BOOL, DWORD, HANDLE, kernel32, lastError, POINTER, succeeded, WindowsError } from "../system-functions.ts";

const createJobObject = kernel32("CreateJobObjectW", HANDLE, [POINTER, POINTER]);
const setInformationJobObject = kernel32("SetInformationJobObject", BOOL, [HANDLE, "int", POINTER, DWORD]);
const queryInformationJobObject = kernel32("QueryInformationJobObject", BOOL, [HANDLE, "int", POINTER, DWORD, POINTER]);
const assignProcessToJobObject = kernel32("AssignProcessToJobObject", BOOL, [HANDLE, HANDLE]);
const terminateJobObject = kernel32("TerminateJobObject", BOOL, [HANDLE, DWORD]);

const PROCESS_ID_LIST = 3;
const UI_RESTRICTIONS = 4;
const EXTENDED_LIMITS = 9;
/** A JOBOBJECT_EXTENDED_LIMIT_INFORMATION of 64 bits, and places in it. */
const EXTENDED_LIMITS_BYTES = 144;
const LIMIT_FLAGS_OFFSET = 16;
const ACTIVE_PROCESSES_OFFSET = 40;
const JOB_MEMORY_OFFSET = 120;
const PEAK_JOB_MEMORY_OFFSET = 136;
const ACTIVE_PROCESSES = 0x8;
const JOB_MEMORY = 0x200;
const KILL_ON_JOB_CLOSE = 0x2000;
/** All that there are: handles of others' windows, the clipboard, settings, global atoms, desktops, ending the session. */
const ALL_UI_RESTRICTIONS = 0xff;
/** A JOBOBJECT_BASIC_PROCESS_ID_LIST begins with two numbers of 32 bits: how many there are, how many follow. */
const LIST_HEADER_BYTES = 8;
const PID_BYTES = 8;
const LIKELY_MEMBERS = 16;
const ERROR_MORE_DATA = 234;
/** What a process that was ended with its job has as its status, as of one that Node ends. */
const KILLED = 1;

export interface JobLimits {
  /** What all processes of the job may have committed together; absent: as much as there is. */
  readonly memoryBytes?: number;
  /** How many processes may run in it at once; absent: as many as there can be. */
  readonly processes?: number;
}

export class Job implements Disposable {
  private readonly handle: Handle;

  /** It ends all its processes when it is disposed of, and when the process that holds it ends. @throws WindowsError */
  constructor() {
    this.handle = new Handle(succeeded("CreateJobObject", createJobObject(null, null)));
    try {
      this.limit({});
    } catch (error) {
      this.handle[Symbol.dispose]();
      throw error;
    }
  }

  /** From now on; what it was limited to before is no more. @throws WindowsError */
  limit({ memoryBytes, processes }: JobLimits): void {
    const limits = Buffer.alloc(EXTENDED_LIMITS_BYTES);
    let flags = KILL_ON_JOB_CLOSE;
    if (memoryBytes !== undefined) {
      flags |= JOB_MEMORY;
      limits.writeBigUInt64LE(BigInt(memoryBytes), JOB_MEMORY_OFFSET);
    }
    if (processes !== undefined) {
      flags |= ACTIVE_PROCESSES;
      limits.writeUInt32LE(processes, ACTIVE_PROCESSES_OFFSET);
    }
    limits.writeUInt32LE(flags, LIMIT_FLAGS_OFFSET);
    this.set(EXTENDED_LIMITS, limits);
  }

  /**
   * Takes a process in, with all that it starts from now on. No code of a plugin may have run in it.
   * @throws WindowsError where the process has ended, or is in a job that lets it not be in this one
   */
  add(pid: number): void {
    using process = openProcess(pid, ProcessAccess.setQuota | ProcessAccess.terminate);
    succeeded("AssignProcessToJobObject", assignProcessToJobObject(this.handle.value, process.value));
  }

  /**
   * Keeps its processes from the user's session: from others' windows, the clipboard, settings, logging off.
   * @throws WindowsError where one is in another job as well: then it cannot be done (Nested Jobs)
   */
  restrictUserInterface(): void {
    const restrictions = Buffer.alloc(4);
    restrictions.writeUInt32LE(ALL_UI_RESTRICTIONS);
    this.set(UI_RESTRICTIONS, restrictions);
  }

  /** Ends all its processes at once. */
  terminate(): void {
    succeeded("TerminateJobObject", terminateJobObject(this.handle.value, KILLED));
  }

  /** The numbers of its processes that run. */
  members(): number[] {
    for (let room = LIKELY_MEMBERS; ; room *= 2) {
      const list = Buffer.alloc(LIST_HEADER_BYTES + room * PID_BYTES);
      if (!this.query(PROCESS_ID_LIST, list)) continue;
      return Array.from({ length: list.readUInt32LE(4) }, (_, i) =>
        Number(list.readBigUInt64LE(LIST_HEADER_BYTES + i * PID_BYTES)),
      );
    }
  }

  /** The most that its processes have had committed together. */
  get peakMemoryBytes(): number {
    const limits = Buffer.alloc(EXTENDED_LIMITS_BYTES);
    this.query(EXTENDED_LIMITS, limits);
    return Number(limits.readBigUInt64LE(PEAK_JOB_MEMORY_OFFSET));
  }

  [Symbol.dispose](): void {
    this.handle[Symbol.dispose]();
  }

  private set(what: number, information: Buffer): void {
    const result = setInformationJobObject(this.handle.value, what, information, information.length);
    succeeded("SetInformationJobObject", result);
  }

  /** @returns false where there is more than `information` has room for */
  private query(what: number, information: Buffer): boolean {
    if (queryInformationJobObject(this.handle.value, what, information, information.length, null) !== 0) return true;
    const error = lastError();
    if (error === ERROR_MORE_DATA) return false;
    throw new WindowsError("QueryInformationJobObject", error);
  }
}
