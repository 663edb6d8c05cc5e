// Changes files again and again, on a thread of its own, while a test does something with them.

import { Worker } from "node:worker_threads";

/** A function of node:fs, and its arguments. */
export type Step = readonly [
  "copyFileSync" | "renameSync" | "rmSync" | "symlinkSync" | "truncateSync",
  ...arguments: readonly (string | number)[],
];

const loop = `
  const fs = require("node:fs");
  const { parentPort, workerData: { states, stop } } = require("node:worker_threads");
  while (Atomics.load(stop, 0) === 0) {
    for (const steps of states) {
      for (const [step, ...args] of steps) fs[step](...args);
      Atomics.wait(stop, 0, 0, 0.1); // so that whoever shares the processor meets every state
    }
  }
`;

export class Swapper implements AsyncDisposable {
  private readonly stop = new Int32Array(new SharedArrayBuffer(4));
  private readonly ended: Promise<void>;

  /** @param states the steps that lead from each state to the next, and from the last to the first */
  constructor(states: readonly (readonly Step[])[]) {
    const { stop } = this;
    const worker = new Worker(loop, { eval: true, workerData: { states, stop } });
    this.ended = new Promise((resolve, reject) => {
      worker.once("error", reject);
      worker.once("exit", () => resolve());
    });
    this.ended.catch(() => {}); // whoever disposes of it gets the error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    Atomics.store(this.stop, 0, 1);
    await this.ended;
  }
}
