// Owns the states of what runs a plugin's calls. Only what is ready has a worker: no call can be sent to another.

import { requireSuccessor } from "../../base/state-machine.ts";
import type { WorkerProcess } from "../../workers/worker-process.ts";

export interface Ready {
  readonly name: "ready";
  readonly worker: WorkerProcess;
  /** Whether it has taken the table: it hears that a call is to stop, and says more than its answer. */
  readonly hasTable: boolean;
}

const successors = {
  starting: ["ready"], // its first worker is about to be told that it serves
  ready: ["ready", "restarting", "quarantined", "ended"], // from one worker to another by a reload
  restarting: ["ready", "quarantined", "ended"], // another worker is started, once a reload that is under way has ended
  quarantined: ["ready", "ended"], // it crashed too often: calls are refused until it is reloaded
  ended: [], // it is unloaded
} as const;

export type ExecutorState = Ready | { readonly name: Exclude<keyof typeof successors, "ready"> };

/** @throws Error where it must not follow, which is a defect */
export function follow(from: ExecutorState, to: ExecutorState): ExecutorState {
  requireSuccessor("a plugin", successors, from.name, to.name);
  return to;
}
