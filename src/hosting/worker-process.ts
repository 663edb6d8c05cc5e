// Owns a worker process from the broker's side: start, channel, captured output, end.

import { type ChildProcess, spawn } from "node:child_process";
import { DlrpcError } from "../../protocol/errors.ts";
import type { OutputStream } from "../../protocol/messages.ts";
import { limitProcess } from "../confinement/limits.ts";
import type { Confinement } from "../confinement/policy.ts";
import { noLayers, type Report, Reporter } from "../confinement/report.ts";
import { goOnUntil } from "../native/reactor.ts";
import { workerCommand } from "../self.ts";
import type { Birth } from "../worker/birth.ts";
import type { Board } from "../worker/board.ts";
import { FrameKind } from "../worker/frames.ts";
import { type Executor, type ExecutorEnd, type ExecutorListener, nobody } from "./executor.ts";
import { FrameChannel } from "./frame-channel.ts";
import { workerEnded, workerStarted } from "./orphans.ts";
import { OutputPipe } from "./output-pipe.ts";
import { OutputTail } from "./output-tail.ts";
import { PrivateDirectory } from "./private-directory.ts";
import { addonForWorkers } from "./worker-addon.ts";
import { environmentAtStart, workerEnvironment } from "./worker-environment.ts";

/** A worker that has not said hello by then is broken, whatever the reason. */
const START_DEADLINE_MS = 30_000;
/** How long a pipe that outlives its process, or a process that outlives its pipe, is waited for. */
const GRACE_MS = 300;
/** How long a plugin's own clean-up may take when its process ends in order. */
const CLOSE_GRACE_MS = 1000;

/** What every worker of a host has in common. */
export interface WorkerOptions {
  /** The longest string that is taken from a plugin. */
  readonly maxResultBytes: number;
  /** How many threads of it may serve calls. */
  readonly threads: number;
}

/** Elsewhere there is nothing to confine it with. */
const isConfined = ({ profile }: Confinement) => profile !== "none" && process.platform === "linux";

export class WorkerProcess implements Executor {
  readonly canBeStopped = true;
  readonly directory = PrivateDirectory.make();
  readonly confinement: Confinement;
  report: Report = noLayers;
  /**
   * Resolves when it can load a plugin, confined as far as the system can do it; rejects with a DlrpcError
   * INTERNAL_ERROR where it cannot be started.
   */
  readonly ready: Promise<void>;
  listener: ExecutorListener = nobody;
  private readonly child: ChildProcess;
  private readonly channel: FrameChannel;
  private readonly stderrTail = new OutputTail();
  private readonly outputs = { stdout: this.capture("stdout"), stderr: this.capture("stderr") };
  private readonly ended: Promise<void>;
  private violation: string | undefined;
  private exited = false;

  /** Starts a worker that is to be confined like this; it can be used once it is `ready`. */
  constructor(confinement: Confinement, { maxResultBytes, threads }: WorkerOptions) {
    this.confinement = confinement;
    const { directory } = this;
    const own = directory && { temporary: directory.temporary, libraries: directory.libraries };
    const birth: Birth = { confinement, own };
    const common = [String(process.pid), String(maxResultBytes)];
    const command = isConfined(confinement)
      ? workerCommand("confined-worker", ...common, JSON.stringify(birth))
      : workerCommand("worker", ...common);
    const { stdout, stderr } = this.outputs;
    this.channel = new FrameChannel(maxResultBytes, {
      arrived: () => {
        if (!this.listener.hearsOutput) return;
        stdout.readNow();
        stderr.readNow();
      },
      frame: (kind, call, payload) => this.listener.frame(kind, call, payload),
      violation: (what) => this.kill(what),
      // A plugin can close the channel and run on; the process is of no use then.
      ended: () => setTimeout(() => this.kill(), GRACE_MS).unref(),
    });
    const { requests, answers, board } = this.channel.workerEnd;
    this.child = spawn(command.file, command.args, {
      // As in worker/frames.ts.
      stdio: ["ignore", stdout.writingEnd, stderr.writingEnd, requests, answers, board, addonForWorkers() ?? "ignore"],
      env: workerEnvironment(environmentAtStart, directory?.temporary),
      detached: true, // a group of its own: a terminal's Ctrl-C is for dlrpc, and descendants can be killed together
    });
    this.channel.closeWorkerEnd();
    stdout.handedOver();
    stderr.handedOver();
    if (this.child.pid !== undefined) workerStarted(this.child.pid);
    this.ended = this.watchEnd();
    directory?.removeAfter(this.ended);
    this.ready = goOnUntil(this.becomeReady(threads));
    this.ready.catch(() => {}); // whoever uses it gets the error
  }

  get pid(): number | null {
    return this.child.pid ?? null;
  }

  /** Whether it has ended: a spare can be killed from outside. */
  get hasEnded(): boolean {
    return this.exited;
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

  kill(violation?: string): void {
    this.violation ??= violation;
    if (!this.exited) this.child.kill("SIGKILL");
  }

  async close(): Promise<void> {
    this.channel.endRequests();
    const timer = setTimeout(() => this.kill(), CLOSE_GRACE_MS);
    await this.ended;
    clearTimeout(timer);
  }

  /** @returns what the kernel answered when the worker confined itself; no code of a plugin has run yet */
  private async becomeReady(threads: number): Promise<void> {
    const reporter = new Reporter(await this.hello());
    this.listener = nobody;
    const { pid, confinement } = this;
    if (isConfined(confinement) && pid !== null) {
      reporter.try("limits", () => limitProcess(pid, confinement, threads));
    }
    this.report = reporter;
  }

  private hello(): Promise<Report> {
    return new Promise((resolve, reject) => {
      const fail = (what: string) => {
        this.kill();
        reject(new DlrpcError("INTERNAL_ERROR", `A worker process could not be started: ${what}`));
      };
      const deadline = setTimeout(() => fail(`not ready after ${START_DEADLINE_MS} ms`), START_DEADLINE_MS);
      this.listener = {
        hearsOutput: false,
        frame: (kind, _call, payload) => {
          clearTimeout(deadline);
          if (kind === FrameKind.hello) resolve(JSON.parse(payload.toString("utf8")));
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
        stdout.destroy();
        stderr.destroy();
        this.listener.ended(end);
        this.channel.destroy();
        resolve();
      };
      this.child.once("exit", (exitCode, signal) => {
        this.exited = true;
        if (this.child.pid !== undefined) workerEnded(this.child.pid);
        const grace = setTimeout(() => report(signal, exitCode), GRACE_MS);
        void Promise.all([this.channel.closed, stdout.closed, stderr.closed]).then(() => {
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
