// Owns the states of a worker, and who is told what it does in each: that changes with the state, and nowhere else.

import { requireSuccessor } from "../base/state-machine.ts";
import { nobody, type WorkerEnd, type WorkerListener } from "./worker-listener.ts";

const successors = {
  starting: ["confining", "ended"], // its process is started
  confining: ["confined", "ended"], // it has orders, of which there may be more than one
  confined: ["confining", "loading", "ended"], // it has obeyed; no code of a plugin has run
  loading: ["loaded", "released", "ended"], // it opens the library
  loaded: ["serving", "ended"], // it has said what came of that
  serving: ["distrusted", "released", "ended"], // it runs calls
  distrusted: ["released", "ended"], // a plugin wrote in its place: nothing that it says is believed
  released: ["ended"], // of no more use: only its last words and its end are of interest
  ended: [],
} as const;

export type WorkerStateName = Exclude<keyof typeof successors, "ended">;

export class WorkerState {
  private name: keyof typeof successors = "starting";
  private end: WorkerEnd | undefined;
  /** Who is told. */
  listener: WorkerListener = nobody;

  /** @param listener is told of its end also where it has ended before; default: nobody */
  enter(next: WorkerStateName, listener = nobody): void {
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
