// Owns removing directories that plugins have filled, with whatever and however much: by a process that does nothing else
// (native/remove.c), one at a time. dlrpc itself has other plugins to serve.

import { chmodSync, closeSync, constants, fstatSync, openSync, rmdirSync } from "node:fs";
import { devNull } from "node:os";
import { openWithoutLinks } from "../native/descriptors.ts";
import { exhaustion } from "../native/exhaustion.ts";
import { errorName } from "../native/ffi.ts";
import { pathOf } from "../native/nameless-file.ts";
import { type End, endOfChild } from "../native/processes.ts";
import { log } from "../observe/log.ts";
import { killWorker, startWorker } from "./children.ts";
import { Descriptor } from "./frames.ts";
import { workerProgram } from "./worker-program.ts";

const OWNER_ONLY = 0o700;
const STDERR = 2;
const LOOK_AGAIN_MS = 1;
const pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

interface Removal {
  readonly path: string;
  readonly resolve: () => void;
}

/** The first one is under way while `isRunning`. */
const waiting: Removal[] = [];
let isRunning = false;

/**
 * Resolves when the directory is gone, or the log says why it is not. An empty one is gone at once.
 * @param path absolute and canonical: a link in it is a plugin's
 */
export function removeDirectory(path: string): Promise<void> {
  removeNext();
  if (isGone(path)) return Promise.resolve();
  return new Promise((resolve) => {
    waiting.push({ path, resolve });
    removeNext();
  });
}

/** Waits for it, where the program ends at once. @param deadline as performance.now() has it; what is late stays there */
export function removeDirectoryNow(path: string, deadline: number): void {
  if (isGone(path)) return;
  try {
    const pid = start(path, () => {});
    let end: End | undefined;
    while (end === undefined && performance.now() < deadline) {
      Atomics.wait(pause, 0, 0, LOOK_AGAIN_MS);
      end = endOfChild(pid);
    }
    if (end === undefined) killWorker(pid);
    else report(path, end);
  } catch (error) {
    leave(path, error);
  }
}

function isGone(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

/** Where no process can be started now, it is tried again with the next removal. */
export function removeNext(): void {
  for (let [first] = waiting; first !== undefined && !isRunning; [first] = waiting) {
    const { path, resolve } = first;
    try {
      start(path, (end) => {
        isRunning = false;
        waiting.shift();
        report(path, end);
        resolve();
        removeNext();
      });
      isRunning = true;
    } catch (error) {
      if (exhaustion(error) !== undefined) return log("info", `${path} cannot be removed yet: ${error}`);
      waiting.shift();
      leave(path, error);
      resolve();
    }
  }
}

/** @returns the number of the process that empties it */
function start(path: string, ended: (end: End) => void): number {
  const directory = openForOwner(path);
  try {
    const empty = openSync(devNull, "r");
    try {
      const descriptors: (number | undefined)[] = [empty, STDERR, STDERR, directory];
      descriptors[Descriptor.program] = workerProgram();
      const args = ["dlrpc: removing", String(process.pid)];
      return startWorker({ path: pathOf(Descriptor.program), args, environment: [], descriptors }, ended);
    } finally {
      closeSync(empty);
    }
  } finally {
    closeSync(directory);
  }
}

/**
 * Opens a directory, whatever mode a plugin has given it. One that may write beside it may have put anything in its place,
 * or in that of one that it lies in, so that it is held before it is changed.
 */
function openForOwner(path: string): number {
  const named = openWithoutLinks(path);
  try {
    if (!fstatSync(named).isDirectory()) throw new Error("it is no directory any more");
    chmodSync(pathOf(named), OWNER_ONLY);
    return openSync(pathOf(named), constants.O_RDONLY | constants.O_DIRECTORY);
  } finally {
    closeSync(named);
  }
}

function report(path: string, { signal, exitCode }: End): void {
  if (isGone(path)) return;
  leave(path, signal ?? (exitCode === null || exitCode === 0 ? "it is written to again" : errorName(exitCode)));
}

function leave(path: string, why: unknown): void {
  log("warn", `what a plugin left in ${path} cannot be removed: ${why instanceof Error ? why.message : why}`);
}
