// Owns a worker process from dlrpc's side: start, channel, captured output, end.

import { endLeftBehind, killWorker } from "#platform/processes/children";
import { launch } from "#platform/processes/launch";
import { Confining } from "#sandbox/confining";
import { FrameKind } from "../../native/frames/frames.ts";
import type { ErrorDetails } from "../../protocol/errors.ts";
import type { OutputStream } from "../../protocol/messages.ts";
import { Disposables } from "../base/disposables.ts";
import { logDefect } from "../observe/log.ts";
import type { Launched } from "../platform/both-halves/processes/launched.ts";
import { Deferred, inBackground } from "../platform/both-halves/promises.ts";
import type { End } from "../platform/end.ts";
import { workerProgram } from "../platform/worker-program/worker-program.ts";
import type { PluginFiles } from "../plugins/inspected-plugin.ts";
import type { ConfinedProcess } from "../sandbox/confined-process.ts";
import { type Variables, workerEnvironment } from "../sandbox/environment.ts";
import type { Grant } from "../sandbox-policy/grants.ts";
import type { Confinement } from "../sandbox-policy/policy.ts";
import { type ConfinementReport, noLayers } from "../sandbox-policy/report.ts";
import { ControlBlock } from "./control-block.ts";
import { type Backtrace, backtraceOf } from "./crash/backtrace.ts";
import type { FrameBudget } from "./frame-budget.ts";
import { FrameChannel } from "./frame-channel.ts";
import type { LibraryCopy } from "./library-copy.ts";
import { OutputPipe } from "./output-pipe.ts";
import { OutputTail } from "./output-tail.ts";
import { PrivateDirectory } from "./private-directory.ts";
import { cannotStart, startError } from "./start-error.ts";
import { TemporaryWatch } from "./temporary-watch.ts";
import { nobody, type OutputTails, type WorkerEnd, type WorkerListener } from "./worker-listener.ts";
import { WorkerState, type WorkerStateName } from "./worker-state.ts";

/** How long a pipe that outlives its process, or a process that outlives its pipe, is waited for. */
const GRACE_MS = 300;
/** How long a plugin's own clean-up may take when its process ends in order. */
const CLOSE_GRACE_MS = 1000;

export interface WorkerOptions {
  readonly plugin: PluginFiles;
  readonly code: LibraryCopy;
  /** The plugin's directory, which it may read. */
  readonly directory: Grant;
  readonly confinement: Confinement;
  /** Variables beside those that all workers have. */
  readonly environment: Variables;
  /** The longest string that is taken from a plugin. */
  readonly maxResultBytes: number;
  /** What all workers share for frames that have begun. */
  readonly frames: FrameBudget;
}

export class WorkerProcess implements ConfinedProcess {
  readonly pid: number;
  /**
   * Resolves when it can load a plugin, confined as far as the system can do it; rejects with a DlrpcError where it does
   * not get there: WORKER_UNAVAILABLE, RESOURCES_EXHAUSTED. How long it may take is up to whoever waits.
   */
  readonly ready: Promise<void>;
  report: ConfinementReport = noLayers;
  private readonly state = new WorkerState();
  private readonly loads: Pick<WorkerOptions, "plugin" | "code">;
  private readonly channel: FrameChannel;
  private readonly stdoutTail = new OutputTail();
  private readonly stderrTail = new OutputTail();
  private readonly stdout: OutputPipe;
  private readonly stderr: OutputPipe;
  private readonly directory: PrivateDirectory | undefined;
  readonly temporary: TemporaryWatch | undefined;
  readonly controlBlock: ControlBlock;
  private readonly confining: Confining;
  private isEnding = false;
  private readonly ended = new Deferred();
  private cause: Pick<WorkerEnd, "cause" | "details"> | undefined;
  private grace: NodeJS.Timeout | undefined;

  /** Starts a worker that is to be confined like this. @throws DlrpcError WORKER_UNAVAILABLE, RESOURCES_EXHAUSTED */
  constructor(options: WorkerOptions) {
    const { code, directory, confinement, maxResultBytes, frames } = options;
    using begun = new Disposables();
    this.loads = options;
    this.directory = PrivateDirectory.make();
    begun.defer(() => this.directory?.remove());
    const temporary = this.directory?.path;
    this.temporary = temporary === undefined ? undefined : new TemporaryWatch(temporary, this);
    this.controlBlock = this.orCannotStart(() => new ControlBlock());
    begun.defer(() => this.controlBlock.close());
    this.confining = begun.use(new Confining({ confinement, temporary, libraries: code.directory, directory }));
    const launched = this.orCannotStart(() => this.launch(options, temporary));
    this.pid = launched.pid;
    begun.move(); // from now on it is all given back when the process ends
    this.stdout = this.capture("stdout", launched);
    this.stderr = this.capture("stderr", launched);
    this.channel = new FrameChannel(launched, this.controlBlock.buffer, maxResultBytes, frames, {
      arrived: () => {
        if (!this.listener.hearsOutput()) return;
        this.stdout.readNow();
        this.stderr.readNow();
      },
      hearsOutput: () => this.listener.hearsOutput(),
      frame: (kind, call, payload) => this.listener.frame(kind, call, payload),
      violation: (what) => this.kill(`it wrote to the channel that only dlrpc uses (${what})`),
      // A plugin can close the channel and run on; the process is of no use then.
      ended: () => {
        this.grace = setTimeout(() => this.kill(), GRACE_MS).unref();
      },
    });
    this.ready = this.confine();
    inBackground(this.ready.catch(() => this.kill())); // whoever uses it gets the error
  }

  /** Who is told what it does. */
  get listener(): WorkerListener {
    return this.state.listener;
  }

  /** Has it go on to another state, in which `listener` is told what it does; default: nobody. @throws Error at a defect */
  enter(next: WorkerStateName, listener?: WorkerListener): void {
    this.state.enter(next, listener);
  }

  /** @param pieces the payload; large ones must stay as they are */
  send(kind: number, call: number, pieces: readonly Uint8Array[]): void {
    this.channel.send(kind, call, pieces);
    if (kind === FrameKind.serve) this.confining.serves(call);
    else this.confining.begin();
  }

  /** Calls begin to run where none did: what it writes from now on is theirs. */
  callsBegin(): void {
    this.stdoutTail.begin();
    this.stderrTail.begin();
  }

  /** What it has written by now. */
  outputTails(): OutputTails {
    this.stdout.readNow();
    this.stderr.readNow();
    return { stderrTail: this.stderrTail.toString(), stdoutTail: this.stdoutTail.toString() };
  }

  /** Whether all that was to be sent is handed to the system. */
  get hasSentAll(): boolean {
    return this.channel.hasSentAll;
  }

  /** Lets it wait, once it has filled the pipe: nothing more of it is read until `goOn`, or until it ends. */
  pause(): void {
    if (!this.isEnding) this.channel.pause();
  }

  get isPaused(): boolean {
    return this.channel.isPaused;
  }

  goOn(): void {
    this.channel.goOn();
  }

  /** Tells of the frames that have arrived by now, also while it is paused. */
  readNow(): void {
    this.channel.readNow();
  }

  /**
   * Ends it at once; `ended` follows.
   * @param cause what the plugin did, where that is why
   * @param details what an error says beside it
   */
  kill(cause?: string, details?: ErrorDetails): void {
    if (cause !== undefined) this.cause ??= { cause, ...(details !== undefined && { details }) };
    killWorker(this.pid);
  }

  /** Lets it end in order: no more frames come, what is loaded is unloaded. @returns when it has ended */
  async close(): Promise<void> {
    this.channel.endRequests();
    this.confining.beginLast();
    const timer = setTimeout(() => this.kill(), CLOSE_GRACE_MS);
    await this.ended.promise;
    clearTimeout(timer);
  }

  private launch(
    { plugin, code, confinement, environment, maxResultBytes }: WorkerOptions,
    temporary?: string,
  ): Launched {
    const { controlBlock, confining } = this;
    try {
      return launch(
        {
          ...{ name: plugin.manifest.name, maxResultBytes, controlBlock: controlBlock.shared },
          program: workerProgram(plugin.cLibrary),
          environment: workerEnvironment({ confinement, plugin: plugin.path, temporary, added: environment }),
          ...{ startsOthers: confinement.exec, ruleset: confining.descriptor, library: code.descriptor },
        },
        (end) => this.exited(end),
      );
    } finally {
      controlBlock.shared.handedOver();
    }
  }

  /** @throws DlrpcError WORKER_UNAVAILABLE, RESOURCES_EXHAUSTED */
  private orCannotStart<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw startError(error);
    }
  }

  /** Has it put itself under all layers; no code of a plugin has run yet. */
  private async confine(): Promise<void> {
    try {
      this.report = await this.confining.confine(this);
    } catch (error) {
      throw startError(error);
    }
  }

  async order(orders: Buffer): Promise<Buffer> {
    const answer = new Deferred<Buffer>();
    const fail = (what: string) => answer.reject(cannotStart(what));
    this.enter("confining", {
      ...nobody,
      frame: (kind, _call, payload) => {
        if (kind === FrameKind.hello) answer.resolve(Buffer.from(payload));
        else fail(`it began with frame ${kind}`);
      },
      ended: ({ signal, exitCode, stderrTail }) =>
        fail(`it ended with ${signal ?? `status ${exitCode}`}: ${stderrTail}`),
    });
    this.channel.send(FrameKind.confine, 0, [orders]);
    const report = await answer.promise;
    this.enter("confined");
    return report;
  }

  private capture(stream: OutputStream, ends: Launched): OutputPipe {
    return new OutputPipe(ends[stream], (chunk) => {
      (stream === "stderr" ? this.stderrTail : this.stdoutTail).push(chunk);
      this.listener.output(stream, chunk);
    });
  }

  /** What it had written before is heard first, unless a descendant holds the pipes open. */
  private exited(end: End): void {
    this.isEnding = true;
    this.goOn();
    if (this.confining.mayStartOthers) endLeftBehind(this.pid);
    let isTold = false;
    const tell = () => {
      if (isTold) return;
      isTold = true;
      clearTimeout(grace);
      const words = this.outputTails();
      this.giveBack(); // the next one may be started at once, and need what this one had
      const crash = this.crashOf(end);
      this.state.ended({ ...end, ...words, ...this.cause, ...(crash !== undefined && { crash }) });
      this.controlBlock.close();
      this.ended.resolve();
    };
    const grace = setTimeout(tell, GRACE_MS);
    inBackground(Promise.all([this.channel.closed, this.stdout.closed, this.stderr.closed]).then(tell));
  }

  /** A plugin has a part in what is read for this: a mistake of dlrpc's own in it must not be the end of all others. */
  private crashOf(end: End): Backtrace | undefined {
    const { code, plugin } = this.loads;
    try {
      const record = this.controlBlock.crash(end);
      return record && backtraceOf(record, code, workerProgram(plugin.cLibrary));
    } catch (error) {
      logDefect(error);
      return undefined;
    }
  }

  private giveBack(): void {
    clearTimeout(this.grace);
    this.temporary?.stop();
    this.confining[Symbol.dispose]();
    this.stdout.destroy();
    this.stderr.destroy();
    this.channel.destroy();
    this.directory?.remove();
  }
}
