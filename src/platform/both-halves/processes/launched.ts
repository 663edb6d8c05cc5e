// What a worker is started with, on every system, and the pipes between it and this process.

import { closeSync } from "node:fs";
import type { RunnableProgram } from "#platform/processes/runnable";
import type { IncomingEnd } from "#platform/streams/incoming";
import type { OutgoingEnd } from "#platform/streams/outgoing";
import type { SharedMemory } from "#platform/streams/shared-memory";
import type { Disposables } from "../../../base/disposables.ts";

export interface LaunchOptions {
  readonly program: RunnableProgram;
  /** Of the plugin: what the process is shown as. */
  readonly name: string;
  /** Each `NAME=value`. */
  readonly environment: readonly string[];
  readonly controlBlock: SharedMemory;
  /** The longest string that is taken from it, in bytes. */
  readonly maxResultBytes: number;
  /** Whether it may start programs. */
  readonly startsOthers: boolean;
  /** Descriptors here of what it is to find open, where the system hands such over. */
  readonly ruleset: number | undefined;
  readonly library: number | undefined;
}

/** A worker that was started, and this side's ends of its pipes. */
export interface Launched {
  readonly pid: number;
  readonly requests: OutgoingEnd;
  readonly answers: IncomingEnd;
  readonly stdout: IncomingEnd;
  readonly stderr: IncomingEnd;
}

type Pipe = Readonly<Record<"readingEnd" | "writingEnd", number>>;

/** @returns this side's ends, which `ours` closes, and the worker's in the order of frames.ts, which `theirs` does */
export function workerPipes(pipe: () => Pipe, ours: Disposables, theirs: Disposables) {
  const opened = (mine: keyof Pipe) => {
    const ends = pipe();
    const there = ends[mine === "readingEnd" ? "writingEnd" : "readingEnd"];
    ours.defer(() => closeSync(ends[mine]));
    theirs.defer(() => closeSync(there));
    return { here: ends[mine], there };
  };
  const [stdout, stderr, requests, answers] = [
    ...[opened("readingEnd"), opened("readingEnd")],
    ...[opened("writingEnd"), opened("readingEnd")],
  ] as const;
  return {
    here: { stdout: stdout.here, stderr: stderr.here, requests: requests.here, answers: answers.here },
    there: [stdout.there, stderr.there, requests.there, answers.there],
  };
}
