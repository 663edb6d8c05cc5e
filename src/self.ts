// Owns how this program starts itself again, as a worker process or as a thread: from the script beside its own, or packed
// with Node into one file.

import { join } from "node:path";
import { getRawAsset, isSea } from "node:sea";
import { Worker, type WorkerOptions } from "node:worker_threads";

/** A worker, and one that has yet to confine itself and then becomes one. */
const workers = ["worker", "confined-worker"] as const;
export type WorkerVerb = (typeof workers)[number];

const WORKER_SCRIPT = "worker.cjs";

/** What a worker's code is in, beside the executable. */
export const workerScripts: readonly string[] = isSea() ? [] : [join(__dirname, WORKER_SCRIPT)];

/** Whether these arguments, past the program itself, start a worker. */
export function isWorker(args: readonly string[]): boolean {
  return workers.some((verb) => verb === args[0]);
}

/** The command that starts a worker process with the given arguments. */
export function workerCommand(verb: WorkerVerb, ...args: string[]): { file: string; args: string[] } {
  return { file: process.execPath, args: [...workerScripts, verb, ...args] };
}

/** Starts a worker on a thread of this process. */
export function startThread(options: WorkerOptions): Worker {
  const [script] = workerScripts;
  if (script !== undefined) return new Worker(script, options);
  return new Worker(packedText(WORKER_SCRIPT), { ...options, eval: true });
}

/** A file inside the packed program. */
export function packedFile(name: string): Buffer {
  return Buffer.from(getRawAsset(name) as ArrayBuffer);
}

/** A script inside the packed program: they are bundled as ASCII, which needs no decoding. */
export function packedText(name: string): string {
  return packedFile(name).toString("latin1");
}
