// Owns confining one worker, as far as its system does it (S1).

import { jobOfWorker } from "../../carrier/portable/children.ts";
import { noLayers, type Report } from "../../confinement/report.ts";
import type { ConfinedProcess, ConfiningOptions } from "../confined-process.ts";
import { bytesOf } from "../orders.ts";
import { confineOnWindows } from "./windows.ts";

export class Confining implements Disposable {
  /** Whether it may start processes. */
  readonly mayStartOthers = true;
  /** Nothing is handed over at its start. */
  readonly descriptor = undefined;
  private readonly options: ConfiningOptions;
  private worker: ConfinedProcess | undefined;

  constructor(options: ConfiningOptions) {
    this.options = options;
  }

  /** To be called when it is started; no code of a plugin has run yet. @returns when it is under all layers */
  async confine(worker: ConfinedProcess): Promise<Report> {
    this.worker = worker;
    const { confinement, temporary } = this.options;
    const job = jobOfWorker(worker.pid);
    if (confinement.profile !== "none" && job !== undefined)
      return confineOnWindows(confinement, worker, job, temporary);
    await worker.order(bytesOf([]));
    return noLayers;
  }

  /** So many threads serve calls from now on. */
  serves(_threads: number): void {}

  /** Code of the plugin may run from now on. */
  begin(): void {
    this.worker?.temporary?.begin();
  }

  /** It is about to end, and code of the plugin may run until then. */
  beginLast(): void {
    this.begin();
  }

  [Symbol.dispose](): void {}
}
