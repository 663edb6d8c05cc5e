// Owns ending a process with this one before it can see to that itself, which a program does first thing (native/posix/main.c):
// stopped before that, it would live on. It is the system that sends the signal, when a pipe of which only this process has
// the writing end is closed, by whatever ends this process (fcntl(2), F_SETSIG).

import { constants, openSync } from "node:fs";
import { constants as system } from "node:os";
import { checked, libc } from "../../../ffi/libc.ts";
import { pathOf } from "../files/nameless-file.ts";
import { pipe } from "../kernel/io.ts";

const F_SETFL = 4;
const F_SETOWN = 8;
const F_SETSIG = 10;
const O_ASYNC = 0o20000;

const fcntl = libc("fcntl", "int", ["int", "int", "int"]);

let ends: { readonly readingEnd: number; readonly writingEnd: number } | undefined;

/** @returns a descriptor that a process is to have open from its start on, and that is to be closed here when it has */
export function sharedEnd(): number {
  ends ??= pipe();
  return openSync(pathOf(ends.readingEnd), constants.O_RDONLY | constants.O_NONBLOCK); // has an owner of its own
}

/** @param descriptor the one that the process has @throws Error naming the call that failed */
export function endWithThis(pid: number, descriptor: number): void {
  checked("fcntl(F_SETOWN)", fcntl(descriptor, F_SETOWN, pid));
  checked("fcntl(F_SETSIG)", fcntl(descriptor, F_SETSIG, system.signals.SIGKILL));
  checked("fcntl(F_SETFL)", fcntl(descriptor, F_SETFL, O_ASYNC | constants.O_NONBLOCK));
}
