// Owns removing directories that plugins have filled, by a process that does nothing else (native/posix/remove.c).

import { DlrpcError } from "../../../../protocol/errors.ts";
import { errorName } from "../../../ffi/ffi.ts";
import { log } from "../../../observe/log.ts";
import { isGone, warnLeftBehind } from "../../both-halves/files/left-behind.ts";
import { Deferred } from "../../both-halves/promises.ts";
import type { End } from "../../end.ts";
import { exhaustion } from "../../exhaustion.ts";
import { killWorker } from "../processes/children.ts";
import { startOn } from "../processes/directory-process.ts";
import { endOfChild } from "../processes/processes.ts";

const LOOK_AGAIN_MS = 1;
const pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

interface Removal {
  readonly path: string;
  readonly removed: Deferred;
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
  const removed = new Deferred();
  waiting.push({ path, removed });
  removeNext();
  return removed.promise;
}

/** Waits for it, where the program ends at once. @param deadline as performance.now() has it; what is late stays there */
export function removeDirectoryNow(path: string, deadline: number): void {
  if (isGone(path)) return;
  try {
    const pid = startOn(path, "removing", [], undefined, () => {});
    let end: End | undefined;
    while (end === undefined && performance.now() < deadline) {
      Atomics.wait(pause, 0, 0, LOOK_AGAIN_MS);
      end = endOfChild(pid);
    }
    if (end === undefined) killWorker(pid);
    else report(path, end);
  } catch (error) {
    warnLeftBehind(path, error);
  }
}

/** Where no process can be started now, it is tried again with the next removal. */
export function removeNext(): void {
  for (let [first] = waiting; first !== undefined && !isRunning; [first] = waiting) {
    const { path, removed } = first;
    try {
      startOn(path, "removing", [], undefined, (end) => {
        isRunning = false;
        waiting.shift();
        report(path, end);
        removed.resolve();
        removeNext();
      });
      isRunning = true;
    } catch (error) {
      if (exhaustion(error) !== undefined) return log("info", `${path} cannot be removed yet: ${error}`);
      waiting.shift();
      if (error instanceof DlrpcError)
        log("info", `${path} is left to the next dlrpc: ${error.message}`); // without a worker
      else warnLeftBehind(path, error);
      removed.resolve();
    }
  }
}

function report(path: string, { signal, exitCode }: End): void {
  if (isGone(path)) return;
  warnLeftBehind(
    path,
    signal ?? (exitCode === null || exitCode === 0 ? "it is written to again" : errorName(exitCode)),
  );
}
