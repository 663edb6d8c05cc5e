// Owns confining one worker, as far as its system does it (S1).

import { noLayers, type Report } from "../../confinement/report.ts";
import type { ConfinedProcess, ConfiningOptions } from "../confined-process.ts";
import { bytesOf } from "../orders.ts";

export class Confining implements Disposable {
  /** Whether it may start processes. */
  readonly mayStartOthers = true;
  /** Nothing is handed over at its start. */
  readonly descriptor = undefined;
  private worker: ConfinedProcess | undefined;

  constructor(_options: ConfiningOptions) {}

  /** To be called when it is started; no code of a plugin has run yet. @returns when it is under all layers */
  async confine(worker: ConfinedProcess): Promise<Report> {
    this.worker = worker;
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
