// Owns a worker as a thread of the broker (isolation "inline", E10): the same loop over the same channel.

import type { Worker } from "node:worker_threads";
import { noLayers } from "../confinement/report.ts";
import { startThread } from "../self.ts";
import type { Board } from "../worker/board.ts";
import type { CallThread } from "../worker/call-loop.ts";
import { Channel } from "../worker/channel.ts";
import { type Executor, type ExecutorListener, nobody } from "./executor.ts";
import { FrameChannel } from "./frame-channel.ts";
import { pluginRunsInside } from "./orphans.ts";
import { addonForWorkers } from "./worker-addon.ts";

export class WorkerThread implements Executor {
  readonly pid = null;
  readonly canBeStopped = false;
  readonly report = noLayers; // it shares this process, which nothing confines
  /** None: the loader would take a library of the same name that this process has loaded already. */
  readonly directory = undefined;
  listener: ExecutorListener = nobody;
  private readonly channel: FrameChannel;
  private readonly ended: Promise<void>;

  /** @param maxResultBytes the longest string that is taken from a plugin */
  constructor(maxResultBytes: number) {
    pluginRunsInside();
    this.channel = new FrameChannel(maxResultBytes, {
      arrived() {},
      frame: (kind, call, payload) => this.listener.frame(kind, call, payload),
      violation: (what) => {
        throw new Error(`a thread of dlrpc itself sent ${what}`);
      },
      ended() {},
    });
    const { requests, answers } = this.channel.workerEnd;
    const channel = Channel.over(requests, answers).shared;
    const workerData: CallThread = { channel, board: this.board.address, maxResultBytes, addon: addonForWorkers() };
    // The thread closes descriptors that libc has opened for it; Node, if it kept count, would warn on stderr.
    const thread = startThread({ workerData, trackUnmanagedFds: false });
    this.ended = this.watchEnd(thread);
  }

  get board(): Board {
    return this.channel.board;
  }

  send(kind: number, call: number, pieces: readonly Uint8Array[]): void {
    this.channel.send(kind, call, pieces);
  }

  get hasSentAll(): boolean {
    return this.channel.hasSentAll;
  }

  readNow(): void {
    this.channel.readable();
  }

  /** The thread ends when the code that it runs returns. */
  kill(): void {
    this.channel.endRequests();
  }

  async close(): Promise<void> {
    this.channel.endRequests();
    await this.ended;
  }

  private watchEnd(thread: Worker): Promise<void> {
    return new Promise((resolve) => {
      let stderrTail = "";
      thread.once("error", (error) => {
        stderrTail = error.stack ?? error.message;
      });
      thread.once("exit", (exitCode) => {
        this.channel.closeWorkerEnd();
        this.channel.readable();
        this.listener.ended({ signal: null, exitCode, stderrTail });
        this.channel.destroy();
        resolve();
      });
    });
  }
}
