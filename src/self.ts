// Owns how this program starts itself again, as a worker process or as a thread: from its one script, or packed with
// Node into one file.

import { getRawAsset, isSea } from "node:sea";
import { Worker, type WorkerOptions } from "node:worker_threads";

const WORKER = "worker";

/** Whether these arguments, past the program itself, start a worker. */
export function isWorker(args: readonly string[]): boolean {
  return args[0] === WORKER;
}

/** The command that starts a worker process with the given arguments. */
export function workerCommand(...args: string[]): { file: string; args: string[] } {
  return { file: process.execPath, args: [...(isSea() ? [] : [__filename]), WORKER, ...args] };
}

/** Starts this program on a thread of this process. */
export function startThread(options: WorkerOptions): Worker {
  if (!isSea()) return new Worker(__filename, options);
  return new Worker(packedText("worker.cjs"), { ...options, eval: true });
}

/** A file inside the packed program. */
export function packedFile(name: string): Buffer {
  return Buffer.from(getRawAsset(name) as ArrayBuffer);
}

/** A script inside the packed program: they are bundled as ASCII, which needs no decoding. */
export function packedText(name: string): string {
  return packedFile(name).toString("latin1");
}
