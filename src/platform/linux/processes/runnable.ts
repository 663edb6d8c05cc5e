// Owns the worker's program as it is run: from memory, where it needs no directory and nobody can change it.

import { closeSync, readlinkSync, writeFileSync } from "node:fs";
import { DlrpcError } from "../../../../protocol/errors.ts";
import { Disposables } from "../../../base/disposables.ts";
import { log } from "../../../observe/log.ts";
import { throwIfExhausted } from "../../exhaustion.ts";
import { NoDirectory } from "../../worker-program/no-directory.ts";
import { namelessFile, pathOf } from "../files/nameless-file.ts";
import { runnableMemoryFile, sealMemoryFile } from "../kernel/descriptors.ts";

/** Its descriptor. */
export type RunnableProgram = number;

/** @returns what can be run for as long as this process runs @throws DlrpcError WORKER_UNAVAILABLE, RESOURCES_EXHAUSTED */
export function makeRunnable(program: Buffer): RunnableProgram {
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

/** What the system calls it in a process that runs it (proc(5), maps). @throws as node:fs */
export function nameOfRunnable(program: RunnableProgram): string {
  return readlinkSync(pathOf(program));
}
