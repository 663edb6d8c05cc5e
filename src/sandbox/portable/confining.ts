// Confining one worker, as far as its system does it (S1).

import { DlrpcError } from "../../../protocol/errors.ts";
import { jobOfWorker } from "../../platform/portable/processes/children.ts";
import { system } from "../../platform/portable/program/system.ts";
import { type ConfinementReport, noLayers } from "../../sandbox-policy/report.ts";
import type { ConfinedProcess, ConfiningOptions } from "../confined-process.ts";
import { type MemoryUse, MemoryWatch } from "../memory-watch.ts";
import { bytesOf } from "../orders.ts";
import { confineOnMacos, macosMemory } from "./macos.ts";
import { confineOnWindows, windowsMemory } from "./windows.ts";

export class Confining implements Disposable {
  /** Whether it may start processes: so may one that has not said how it is confined. */
  mayStartOthers = true;
  /** Nothing is handed over at its start. */
  readonly descriptor = undefined;
  private readonly options: ConfiningOptions;
  private worker: ConfinedProcess | undefined;
  private memory: MemoryWatch | undefined;

  constructor(options: ConfiningOptions) {
    this.options = options;
  }

  /**
   * To be called when it is started; no code of a plugin has run yet.
   * @returns when it is under all layers that it can be put under @throws DlrpcError SANDBOX_UNAVAILABLE
   */
  async confine(worker: ConfinedProcess): Promise<ConfinementReport> {
    this.worker = worker;
    const { confinement, temporary } = this.options;
    if (confinement.explanation !== undefined) throw unexplained();
    const { profile, exec } = confinement;
    const job = jobOfWorker(worker.pid);
    if (profile !== "none" && job !== undefined) {
      const report = await confineOnWindows(confinement, worker, job, temporary);
      this.mayStartOthers = exec || !report.layers.includes("job");
      if (report.layers.includes("job")) this.watchMemory(worker, windowsMemory);
      return report;
    }
    if (profile !== "none" && system === "macos") {
      const report = await confineOnMacos(this.options, worker);
      this.mayStartOthers = exec || !report.layers.includes("sandbox-exec");
      if (report.layers.includes("limits")) this.watchMemory(worker, macosMemory);
      return report;
    }
    await worker.order(bytesOf([]));
    return noLayers;
  }

  /** So many threads serve calls from now on. */
  serves(threads: number): void {
    if (this.memory !== undefined) this.memory.servingThreads = threads;
  }

  /** Code of the plugin may run from now on. */
  begin(): void {
    if (this.memory === undefined) this.worker?.temporary?.begin();
    else this.memory.begin();
  }

  /** It is about to end, and code of the plugin may run until then. */
  beginLast(): void {
    if (this.memory === undefined) this.begin();
    else this.memory.beginLast();
  }

  private watchMemory(worker: ConfinedProcess, use: MemoryUse): void {
    this.memory = new MemoryWatch(this.options.confinement.memoryMb, worker, this, use);
  }

  /** To be called when the process has ended, or was not started. */
  [Symbol.dispose](): void {
    this.memory?.stop();
  }
}

function unexplained(): DlrpcError {
  return new DlrpcError(
    "SANDBOX_UNAVAILABLE",
    `What is refused cannot be explained: supervision is not there on ${system}`,
    {
      hint: "Load it without `explain`.",
    },
  );
}
