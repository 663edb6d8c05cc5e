// Owns the spare: one worker process that is started and waits, so that load and restart need not wait for a start.

import { WorkerProcess } from "./worker-process.ts";

export class Spare {
  private readonly maxResultBytes: number;
  private waiting: Promise<WorkerProcess> | undefined;
  private isKept = false;

  constructor(maxResultBytes: number) {
    this.maxResultBytes = maxResultBytes;
  }

  /** From now on a spare is kept ready. */
  keep(): void {
    this.isKept = true;
    this.refill();
  }

  /** The spare, or a fresh worker where none is kept. @throws DlrpcError INTERNAL_ERROR where none can be started */
  async take(): Promise<WorkerProcess> {
    const { waiting } = this;
    this.waiting = undefined; // before anything else: whoever comes next must not get the same one
    this.refill();
    // It may not have started, or have been killed while it waited (by the system, when memory is short).
    const spare = await waiting?.catch(() => undefined);
    return spare === undefined || spare.hasEnded ? WorkerProcess.start(this.maxResultBytes) : spare;
  }

  /** Ends the spare; none is kept any more. */
  async close(): Promise<void> {
    this.isKept = false;
    const worker = await this.waiting?.catch(() => undefined);
    worker?.kill();
  }

  private refill(): void {
    if (!this.isKept || this.waiting !== undefined) return;
    this.waiting = WorkerProcess.start(this.maxResultBytes);
    this.waiting.catch(() => {}); // whoever needs a worker starts another then, and gets the error of that
  }
}
