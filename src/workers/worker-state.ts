// Owns the states of a worker, and who is told what it does in each: that changes with the state, and nowhere else.

import { requireSuccessor, type Successors } from "../base/state-machine.ts";
import { nobody, type WorkerEnd, type WorkerListener } from "./worker-listener.ts";

/** `starting` to `serving` come in this order, and a worker can be let go, and can end, in each of them. */
export type WorkerStateName =
  /** Its process is started. */
  | "starting"
  /** It has orders, of which there may be more than one. */
  | "confining"
  /** It has obeyed; no code of a plugin has run. */
  | "confined"
  /** It opens the library. */
  | "loading"
  /** It has done so. */
  | "loaded"
  /** It runs calls. */
  | "serving"
  /** A plugin wrote in its place, and nothing that it says is believed. */
  | "distrusted"
  /** Of no more use: only its last words and its end are of interest. */
  | "released"
  | "ended";

const successors: Successors<WorkerStateName> = {
  starting: ["confining", "released", "ended"],
  confining: ["confined", "released", "ended"],
  confined: ["confining", "loading", "released", "ended"],
  loading: ["loaded", "released", "ended"],
  loaded: ["serving", "released", "ended"],
  serving: ["distrusted", "released", "ended"],
  distrusted: ["released", "ended"],
  released: ["ended"],
  ended: [],
};

export class WorkerState {
  private name: WorkerStateName = "starting";
  private end: WorkerEnd | undefined;
  /** Who is told. */
  listener: WorkerListener = nobody;

  /** @param listener is told of its end also where it has ended before; default: nobody */
  enter(next: Exclude<WorkerStateName, "ended">, listener = nobody): void {
    if (this.end !== undefined) return listener.ended(this.end);
    requireSuccessor("a worker", successors, this.name, next);
    this.name = next;
    this.listener = listener;
  }

  ended(end: WorkerEnd): void {
    requireSuccessor("a worker", successors, this.name, "ended");
    const { listener } = this;
    this.name = "ended";
    this.end = end;
    this.listener = nobody;
    listener.ended(end);
  }
}
