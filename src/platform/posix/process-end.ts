// Owns being told of the end of a process that this one has not started: by kqueue(2), as macOS has it.

import { closeSync } from "node:fs";
import { nativeFunction, whenReadable } from "../../ffi/ffi.ts";
import { checked } from "../../ffi/libc.ts";
import { whenProcessEnds as byDescriptor } from "../linux/processes/own-process.ts";

const kqueue = nativeFunction("kqueue", "int", []);
const kevent = nativeFunction("kevent", "int", ["int", "void *", "int", "void *", "int", "void *"]);

/** struct kevent (sys/event.h), which test/macos/numbers.test.ts compares. */
export const Kevent = {
  bytes: 32,
  identOffset: 0,
  filterOffset: 8,
  flagsOffset: 10,
  noteOffset: 12,
  EVFILT_PROC: -5,
  EV_ADD: 0x1,
  EV_ONESHOT: 0x10,
  NOTE_EXIT: 0x80000000,
} as const;

/**
 * Calls `action` once the process has ended. Keeps no process running.
 * @returns false where the process is gone, or cannot be seen
 */
export function whenProcessEnds(pid: number, action: () => void): boolean {
  if (kqueue === undefined || kevent === undefined) return byDescriptor(pid, action); // Linux
  if (pid <= 0) return false;
  const queue = checked("kqueue", kqueue());
  if (kevent(queue, endOf(pid), 1, null, 0, null) === -1) {
    closeSync(queue);
    return false;
  }
  whenReadable(queue, action);
  return true;
}

function endOf(pid: number): Buffer {
  const change = Buffer.alloc(Kevent.bytes);
  change.writeBigUInt64LE(BigInt(pid), Kevent.identOffset);
  change.writeInt16LE(Kevent.EVFILT_PROC, Kevent.filterOffset);
  change.writeUInt16LE(Kevent.EV_ADD | Kevent.EV_ONESHOT, Kevent.flagsOffset);
  change.writeUInt32LE(Kevent.NOTE_EXIT, Kevent.noteOffset);
  return change;
}
