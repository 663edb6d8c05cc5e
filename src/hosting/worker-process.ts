// Owns a worker process from the broker's side: start, channel, captured output, end.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { DlrpcError } from "../../protocol/errors.ts";
import type { OutputStream } from "../../protocol/messages.ts";
import { ownCommand } from "../self.ts";
import { CHANNEL_DESCRIPTOR, FrameKind } from "../worker/frames.ts";
import { type Executor, type ExecutorEnd, type ExecutorListener, nobody } from "./executor.ts";
import { FrameSocket } from "./frame-socket.ts";
import { workerEnded, workerStarted } from "./orphans.ts";
import { OutputPipe } from "./output-pipe.ts";
import { OutputTail } from "./output-tail.ts";
import { workerEnvironment } from "./worker-environment.ts";

/** A worker that has not said hello by then is broken, whatever the reason. */
const START_DEADLINE_MS = 10_000;
/** How long a pipe that outlives its process, or a process that outlives its pipe, is waited for. */
const GRACE_MS = 300;
/** How long a plugin's own clean-up may take when its process ends in order. */
const CLOSE_GRACE_MS = 1000;

export class WorkerProcess implements Executor {
  readonly canBeStopped = true;
  listener: ExecutorListener = nobody;
  private readonly child: ChildProcess;
  private readonly channel: FrameSocket;
  private readonly stderrTail = new OutputTail();
  private readonly outputs = { stdout: this.capture("stdout"), stderr: this.capture("stderr") };
  private readonly ended: Promise<void>;
  private violation: string | undefined;
  private exited = false;

  private constructor(maxResultBytes: number) {
    const command = ownCommand("worker", String(process.pid), String(maxResultBytes));
    const { stdout, stderr } = this.outputs;
    this.child = spawn(command.file, command.args, {
      stdio: ["ignore", stdout.writingEnd, stderr.writingEnd, "pipe"],
      env: workerEnvironment(process.env),
      detached: true, // a group of its own: a terminal's Ctrl-C is for dlrpc, and descendants can be killed together
    });
    stdout.handedOver();
    stderr.handedOver();
    if (this.child.pid !== undefined) workerStarted(this.child.pid);
    this.channel = new FrameSocket(this.child.stdio[CHANNEL_DESCRIPTOR] as Socket, maxResultBytes, {
      frame: (frame) => {
        stdout.readNow();
        stderr.readNow();
        this.listener.frame(frame);
      },
      violation: (what) => this.kill(what),
      // A plugin can close the channel and run on; the process is of no use then.
      end: () => setTimeout(() => this.kill(), GRACE_MS).unref(),
    });
    this.ended = this.watchEnd();
  }

  /**
   * Starts a worker and waits until it is ready to load a plugin.
   * @param maxResultBytes the longest string that is taken from a plugin
   * @throws DlrpcError INTERNAL_ERROR where no worker can be started
   */
  static async start(maxResultBytes: number): Promise<WorkerProcess> {
    const worker = new WorkerProcess(maxResultBytes);
    await worker.hello();
    worker.listener = nobody;
    return worker;
  }

  get pid(): number | null {
    return this.child.pid ?? null;
  }

  /** Whether it has ended: a spare can be killed from outside. */
  get hasEnded(): boolean {
    return this.exited;
  }

  send(kind: number, call: number, payload: Uint8Array): void {
    this.channel.send(kind, call, payload);
  }

  kill(violation?: string): void {
    this.violation ??= violation;
    if (!this.exited) this.child.kill("SIGKILL");
  }

  async close(): Promise<void> {
    this.channel.close();
    const timer = setTimeout(() => this.kill(), CLOSE_GRACE_MS);
    await this.ended;
    clearTimeout(timer);
  }

  private hello(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (what: string) => {
        this.kill();
        reject(new DlrpcError("INTERNAL_ERROR", `A worker process could not be started: ${what}`));
      };
      const deadline = setTimeout(() => fail(`not ready after ${START_DEADLINE_MS} ms`), START_DEADLINE_MS);
      this.listener = {
        frame: ({ kind }) => {
          clearTimeout(deadline);
          if (kind === FrameKind.hello) resolve();
          else fail(`it began with frame ${kind}`);
        },
        output() {},
        ended: ({ signal, exitCode, stderrTail }) => {
          clearTimeout(deadline);
          fail(`it ended with ${signal ?? `status ${exitCode}`}: ${stderrTail}`);
        },
      };
    });
  }

  private capture(stream: OutputStream): OutputPipe {
    return new OutputPipe((chunk) => {
      if (stream === "stderr") this.stderrTail.push(chunk);
      this.listener.output(stream, chunk);
    });
  }

  /** Its end is its exit; what it had written before is heard first, unless a descendant holds the pipes open. */
  private watchEnd(): Promise<void> {
    const { stdout, stderr } = this.outputs;
    return new Promise((resolve) => {
      let end: ExecutorEnd | undefined;
      const report = (signal: string | null, exitCode: number | null, failure = "") => {
        if (end !== undefined) return;
        const { violation } = this;
        const stderrTail = failure + this.stderrTail.toString();
        end = { signal, exitCode, stderrTail, ...(violation !== undefined && { violation }) };
        this.channel.destroy();
        stdout.destroy();
        stderr.destroy();
        this.listener.ended(end);
        resolve();
      };
      this.child.once("exit", (exitCode, signal) => {
        this.exited = true;
        if (this.child.pid !== undefined) workerEnded(this.child.pid);
        const grace = setTimeout(() => report(signal, exitCode), GRACE_MS);
        const closed = once(this.child, "close");
        void Promise.all([closed, stdout.closed, stderr.closed]).then(() => {
          clearTimeout(grace);
          report(signal, exitCode);
        });
      });
      this.child.once("error", (error) => {
        if (this.child.pid !== undefined) return; // it runs; a signal could not be sent, because it had just ended
        this.exited = true;
        report(null, null, error.message);
      });
    });
  }
}
