// Owns the spare: one worker process that is started and waits, so that load and restart need not wait for a start. It is
// confined like the worker that was asked for last, for that is what the next one is most likely to be.

import { type Confinement, isSame } from "../confinement/policy.ts";
import { type WorkerOptions, WorkerProcess } from "./worker-process.ts";

export class Spare {
  private readonly options: WorkerOptions;
  private waiting: WorkerProcess | undefined;
  /** How many have asked for a worker and do not have it yet. */
  private takers = 0;
  private isKept = false;

  constructor(options: WorkerOptions) {
    this.options = options;
  }

  /** From now on a spare is kept ready; for now one that is confined like this. */
  keep(confinement: Confinement): void {
    this.isKept = true;
    if (this.takers === 0) this.prepare(confinement);
  }

  /**
   * A worker that is confined like this: the spare, or a fresh one.
   * @throws DlrpcError INTERNAL_ERROR where none can be started
   */
  async take(confinement: Confinement): Promise<WorkerProcess> {
    const { waiting } = this;
    const spare = waiting !== undefined && isSame(waiting.confinement, confinement) ? waiting : undefined;
    if (spare !== undefined) this.waiting = undefined; // before anything else: whoever comes next must not get it, too
    this.takers++;
    try {
      const worker = spare ?? this.start(confinement);
      await worker.ready;
      if (!worker.hasEnded) return worker;
    } catch (error) {
      if (spare === undefined) throw error;
    } finally {
      this.takers--;
      this.prepare(confinement); // after the one that is waited for, which would share the processor with it
    }
    // The spare did not start, or was killed while it waited (by the system, when memory is short).
    const worker = this.start(confinement);
    await worker.ready;
    return worker;
  }

  /** Ends the spare; none is kept any more. */
  async close(): Promise<void> {
    this.isKept = false;
    this.waiting?.kill();
    await this.waiting?.close();
  }

  private start(confinement: Confinement): WorkerProcess {
    return new WorkerProcess(confinement, this.options);
  }

  private prepare(confinement: Confinement): void {
    if (!this.isKept || (this.waiting !== undefined && isSame(this.waiting.confinement, confinement))) return;
    this.waiting?.kill();
    this.waiting = this.start(confinement);
  }
}
