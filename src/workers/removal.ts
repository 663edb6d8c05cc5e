// Owns removing directories that plugins have filled, with whatever and however much: by a process that does nothing else
// (native/remove.c), one at a time. dlrpc itself has other plugins to serve.

import { rmdirSync } from "node:fs";
import { errorName } from "../native/ffi.ts";
import type { End } from "../native/processes.ts";
import { log } from "../observe/log.ts";
import { startOn } from "./directory-process.ts";

interface Removal {
  readonly path: string;
  readonly resolve: () => void;
}

/** The first one is under way while `isRunning`. */
const waiting: Removal[] = [];
let isRunning = false;

/** Resolves when the directory is gone, or the log says why it is not. An empty one is gone at once. */
export function removeDirectory(path: string): Promise<void> {
  if (isGone(path)) return Promise.resolve();
  return new Promise((resolve) => {
    waiting.push({ path, resolve });
    removeNext();
  });
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
function removeNext(): void {
  const [first] = waiting;
  if (isRunning || first === undefined) return;
  try {
    startOn(first.path, "removing", [], undefined, (end) => {
      isRunning = false;
      waiting.shift();
      finish(first, end);
      removeNext();
    });
    isRunning = true;
  } catch (error) {
    log("info", `${first.path} cannot be removed yet: ${error}`);
  }
}

function finish({ path, resolve }: Removal, { signal, exitCode }: End): void {
  if (!isGone(path)) {
    const why = signal ?? (exitCode === null || exitCode === 0 ? "it is written to again" : errorName(exitCode));
    log("warn", `what a plugin left in ${path} cannot be removed: ${why}`);
  }
  resolve();
}
