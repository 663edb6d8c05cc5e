// Owns the program that workers run: which one fits a plugin, and getting it from this build or from `dlrpc build-worker`.

import { makeRunnable, type RunnableProgram } from "#platform/processes/runnable";
import { type CLibrary, ownCLibrary, system } from "#platform/program/system";
import { DlrpcError } from "../../../protocol/errors.ts";
import { partOf } from "../program-parts.ts";
import { builtWorker } from "./built-worker.ts";

/** What a worker is built for, such as `linux-x64` or, where the C library is musl, `linux-x64-musl`. */
export function workerTarget(cLibrary: CLibrary | undefined = ownCLibrary): string {
  return `${system}-${process.arch}${cLibrary === "musl" ? "-musl" : ""}`;
}

/** By target. */
const programs = new Map<string, RunnableProgram>();

/**
 * A worker for a plugin.
 * @param cLibrary the one that the plugin's library needs; undefined where it needs none, or none that is known
 * @returns for as long as this process runs
 * @throws DlrpcError WORKER_UNAVAILABLE
 */
export function workerProgram(cLibrary: CLibrary | undefined = ownCLibrary): RunnableProgram {
  const target = workerTarget(cLibrary);
  const known = programs.get(target);
  if (known !== undefined) return known;
  const bytes = partOf(`workers/${target}`) ?? builtWorker(target);
  if (bytes === undefined) throw noWorker(target);
  const program = makeRunnable(bytes);
  programs.set(target, program);
  return program;
}

function noWorker(target: string): DlrpcError {
  const message = `This dlrpc has no worker, the program that plugins run in, for ${target}`;
  const hint = "Compile it here with `dlrpc build-worker`, which needs a C compiler.";
  return new DlrpcError("WORKER_UNAVAILABLE", message, { hint });
}
