// What a worker is started with, on every system.

import type { RunnableProgram } from "#platform/processes/runnable";
import type { IncomingEnd } from "#platform/streams/incoming";
import type { OutgoingEnd } from "#platform/streams/outgoing";
import type { SharedMemory } from "#platform/streams/shared-memory";

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
