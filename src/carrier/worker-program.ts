// Owns the program that workers run: which one fits a plugin, and getting it from this build or from where
// `dlrpc build-worker` has put it. It is run from memory: it needs no directory, and nobody can change it.

import { closeSync, writeFileSync } from "node:fs";
import { DlrpcError } from "../../protocol/errors.ts";
import { Disposables } from "../disposables.ts";
import { type CLibrary, ownCLibrary } from "../native/libc.ts";
import { log } from "../observe/log.ts";
import { partOf } from "../self.ts";
import { builtWorker } from "./built-worker.ts";
import { throwIfExhausted } from "./exhaustion.ts";
import { runnableMemoryFile, sealMemoryFile } from "./linux/descriptors.ts";
import { namelessFile } from "./linux/nameless-file.ts";
import { NoDirectory } from "./no-directory.ts";

/** What a worker is built for, such as `linux-x64` or, where the C library is musl, `linux-x64-musl`. */
export function workerTarget(cLibrary: CLibrary): string {
  return `${process.platform}-${process.arch}${process.platform === "linux" && cLibrary === "musl" ? "-musl" : ""}`;
}

/** By target. */
const programs = new Map<string, number>();

/**
 * A worker for a plugin.
 * @param cLibrary the one that the plugin's library needs; undefined where it needs none, or none that is known
 * @returns its descriptor, for as long as this process runs
 * @throws DlrpcError WORKER_UNAVAILABLE
 */
export function workerProgram(cLibrary: CLibrary = ownCLibrary): number {
  const target = workerTarget(cLibrary);
  const known = programs.get(target);
  if (known !== undefined) return known;
  const program = partOf(`workers/${target}`) ?? builtWorker(target);
  if (program === undefined) throw noWorker(target);
  const descriptor = open(program);
  programs.set(target, descriptor);
  return descriptor;
}

function open(program: Buffer): number {
  try {
    using begun = new Disposables();
    const descriptor = runnableMemoryFile("dlrpc-worker");
    begun.defer(() => closeSync(descriptor));
    writeFileSync(descriptor, program);
    sealMemoryFile(descriptor);
    begun.move();
    return descriptor;
  } catch (error) {
    throwIfExhausted(error);
    log("info", `the worker is run from a file, as programs in memory are not to be run here: ${error}`);
  }
  try {
    return namelessFile(program);
  } catch (error) {
    if (error instanceof NoDirectory) throw new DlrpcError("WORKER_UNAVAILABLE", error.message);
    throw error;
  }
}

function noWorker(target: string): DlrpcError {
  const message = `This dlrpc has no worker, the program that plugins run in, for ${target}`;
  const hint =
    process.platform === "linux"
      ? "Compile it here with `dlrpc build-worker`, which needs a C compiler."
      : "Plugins load on Linux only, so far.";
  return new DlrpcError("WORKER_UNAVAILABLE", message, { hint });
}
