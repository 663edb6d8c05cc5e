// What is learnt from a thread that waits in a system call, by its number: true only if it is found to wait still.

import { readlinkSync } from "node:fs";
import { closing } from "../../../base/closing.ts";
import { descriptorOf, memoryOf, openThread } from "../../../platform/linux/processes/other-process.ts";
import { Refused } from "./refused.ts";

/** AT_FDCWD: the working directory in the place of a descriptor. */
export const WORKING_DIRECTORY = -100;
const PATH_BYTES = 4096; // PATH_MAX, with the NUL

/** A path in whichever bytes: each is a letter of a string (Latin-1). */
export type BytePath = string;

export class Caller {
  readonly thread: number;

  constructor(thread: number) {
    this.thread = thread;
  }

  /** @returns a descriptor here for what `number` is there, to be closed @throws CallError such as EBADF */
  descriptor(number: number): number {
    const thread = openThread(this.thread);
    using _ = closing(thread);
    return descriptorOf(thread, number);
  }

  /** Where a directory that it is open on, or works in, is now. @throws Refused EBADF */
  directory(number: number): BytePath {
    const link = number === WORKING_DIRECTORY ? "cwd" : `fd/${number}`;
    try {
      return readlinkSync(`/proc/${this.thread}/${link}`, "latin1");
    } catch {
      throw new Refused("EBADF"); // there is none, or it may not be looked at
    }
  }

  /** @throws Refused EFAULT */
  bytes(address: number, length: number): Buffer {
    const bytes = memoryOf(this.thread, address, length);
    if (bytes.length < length) throw new Refused("EFAULT");
    return bytes;
  }

  /** @throws Refused ENAMETOOLONG, EFAULT */
  path(address: number): BytePath {
    const bytes = memoryOf(this.thread, address, PATH_BYTES);
    const end = bytes.indexOf(0);
    if (end === -1) throw new Refused(bytes.length === PATH_BYTES ? "ENAMETOOLONG" : "EFAULT");
    return bytes.toString("latin1", 0, end);
  }
}
