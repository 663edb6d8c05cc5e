// Owns the worker's program as it is run: from a file of this user's, which is the same for all that are of the same bytes.

import { DlrpcError } from "../../../../protocol/errors.ts";
import { keepFile } from "../files/kept-file.ts";
import { system } from "../program/system.ts";

const KIND = "programs";

/** Its path. */
export type RunnableProgram = string;

/** @returns what can be run for as long as this process runs @throws DlrpcError WORKER_UNAVAILABLE */
export function makeRunnable(program: Buffer): RunnableProgram {
  try {
    return keepFile(KIND, system === "windows" ? "worker.exe" : "worker", program);
  } catch (error) {
    const message = `The program that plugins run in cannot be kept: ${(error as Error).message}`;
    throw new DlrpcError("WORKER_UNAVAILABLE", message, { hint: "Let this user write there." });
  }
}

/** What the system calls it in a process that runs it. */
export function nameOfRunnable(program: RunnableProgram): string {
  return program;
}
