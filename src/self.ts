// Owns how this program starts itself again, as a worker process or as a thread: from a script beside its own, or packed
// with Node into one file.

import { join } from "node:path";
import { getRawAsset, isSea } from "node:sea";
import { Worker, type WorkerOptions } from "node:worker_threads";

/** A worker, and one that has yet to confine itself and then becomes one: each has a script called after it. */
const workers = ["worker", "confined-worker"] as const;
export type WorkerVerb = (typeof workers)[number];

const THREAD = "thread";

/** Whether this is a thread that `startThread` has started: Node's own `isMainThread` takes a millisecond to load. */
export const isThread = process.argv[2] === THREAD;

/** Whether these arguments, past the program itself, start a worker. */
export function isWorker([verb]: readonly string[]): boolean {
  return workers.some((worker) => worker === verb);
}

/** The command that starts a worker process with the given arguments. */
export function workerCommand(verb: WorkerVerb, ...args: string[]): { file: string; args: string[] } {
  const script = scriptBeside(verb);
  return { file: process.execPath, args: [...(script === undefined ? [] : [script]), verb, ...args] };
}

/** What is left to be read of a worker's code once it is to be confined. */
export const workerScript = scriptBeside("worker");

/** Starts a worker on a thread of this process. */
export function startThread(options: WorkerOptions): Worker {
  const thread = { ...options, argv: [THREAD] };
  if (workerScript !== undefined) return new Worker(workerScript, thread);
  return new Worker(packedScript("worker"), { ...thread, eval: true });
}

/** A file inside the packed program. */
export function packedFile(name: string): Buffer {
  return Buffer.from(getRawAsset(name) as ArrayBuffer);
}

/** A script inside the packed program: they are bundled as ASCII, which needs no decoding. */
export function packedScript(name: string): string {
  return packedFile(fileOf(name)).toString("latin1");
}

/** Where a script is; undefined in the packed program. */
function scriptBeside(name: string): string | undefined {
  return isSea() ? undefined : join(__dirname, fileOf(name));
}

function fileOf(script: string): string {
  return `${script}.cjs`;
}
