// Owns a worker as a thread of the broker (isolation "inline", E10): the same loop over the same channel.

import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { connectedPair } from "../native/descriptors.ts";
import { ownScript } from "../self.ts";
import type { CallThread } from "../worker/call-loop.ts";
import { Channel } from "../worker/channel.ts";
import { type Executor, type ExecutorListener, nobody } from "./executor.ts";
import { FrameSocket } from "./frame-socket.ts";
import { pluginRunsInside } from "./orphans.ts";

export class WorkerThread implements Executor {
  readonly pid = null;
  readonly canBeStopped = false;
  listener: ExecutorListener = nobody;
  private readonly channel: FrameSocket;
  private readonly ended: Promise<void>;

  /** @param maxResultBytes the longest string that is taken from a plugin */
  constructor(maxResultBytes: number) {
    pluginRunsInside();
    const [ours, theirs] = connectedPair();
    this.channel = new FrameSocket(new Socket({ fd: ours, readable: true, writable: true }), maxResultBytes, {
      frame: (frame) => this.listener.frame(frame),
      violation: (what) => {
        throw new Error(`a thread of dlrpc itself sent ${what}`);
      },
      end() {},
    });
    const workerData: CallThread = { channel: Channel.over(theirs).shared, maxResultBytes };
    // The thread closes descriptors that libc has opened for it; Node, if it kept count, would warn on stderr.
    const thread = new Worker(ownScript, { workerData, trackUnmanagedFds: false });
    this.ended = this.watchEnd(thread, theirs);
  }

  send(kind: number, call: number, payload: Uint8Array): void {
    this.channel.send(kind, call, payload);
  }

  /** The thread ends when the code that it runs returns. */
  kill(): void {
    this.channel.close();
  }

  async close(): Promise<void> {
    this.channel.close();
    await this.ended;
  }

  private watchEnd(thread: Worker, theirDescriptor: number): Promise<void> {
    return new Promise((resolve) => {
      let stderrTail = "";
      thread.once("error", (error) => {
        stderrTail = error.stack ?? error.message;
      });
      thread.once("exit", (exitCode) => {
        closeSync(theirDescriptor);
        this.channel.destroy();
        this.listener.ended({ signal: null, exitCode, stderrTail });
        resolve();
      });
    });
  }
}
