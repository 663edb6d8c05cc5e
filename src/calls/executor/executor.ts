// Owns what runs the calls of one plugin: a worker, the next one after a crash (E5, E6), the code that they load.

import { DlrpcError, type ErrorDetails } from "../../../protocol/errors.ts";
import type { ExitedParams, ExitReason, OutputStream } from "../../../protocol/messages.ts";
import { Disposables } from "../../base/disposables.ts";
import { messageOf } from "../../base/failures.ts";
import { log } from "../../observe/log.ts";
import type { Statistics } from "../../observe/statistics.ts";
import { inBackground } from "../../platform/both-halves/promises.ts";
import type { PluginFiles } from "../../plugins/inspected-plugin.ts";
import type { Metadata } from "../../plugins/manifest/metadata.ts";
import type { Grant } from "../../sandbox-policy/grants.ts";
import type { ConfinementReport } from "../../sandbox-policy/report.ts";
import type { LibraryCopy } from "../../workers/library-copy.ts";
import { nobody, type WorkerEnd } from "../../workers/worker-listener.ts";
import type { WorkerProcess } from "../../workers/worker-process.ts";
import { reloadError } from "../call-errors.ts";
import { type ExecutorState, follow, type Ready } from "./executor-state.ts";
import { CrashRecord } from "./quarantine.ts";

/** What workers load, again and again. */
export interface Code extends Disposable {
  readonly files: PluginFiles;
  readonly copy: LibraryCopy;
  /** The plugin's directory, as it was when it was read. */
  readonly directory: Grant;
}

/** A plugin that is loaded and can be called. */
export interface Running {
  readonly worker: WorkerProcess;
  readonly metadata: Metadata;
  /** Whether it has taken the table of dlrpc_plugin.h. */
  readonly hasTable: boolean;
}

/** What a host may want to know. */
export interface ExecutorEvents {
  /** Whether anyone wants to know which call wrote what. */
  readonly hearsOutput: boolean;
  /** @param requestId as it was written: a letter per byte */
  output(handle: string, stream: OutputStream, bytes: Buffer, requestId: string | undefined): void;
  exited(end: ExitedParams): void;
}

export interface ExecutorOptions {
  readonly handle: string;
  /** How many calls may run at once in a plugin that says that it is thread-safe. */
  readonly concurrency: number;
  /** Loads the code into a fresh worker. @throws DlrpcError */
  start(code: Code, cancelled: AbortSignal): Promise<Running>;
  readonly events: ExecutorEvents;
  readonly statistics: Statistics;
}

/** Whose calls it runs. */
export interface ExecutorUser {
  /** How many calls run. */
  readonly running: number;
  /** The request that something the plugin did belongs to, where there can be no doubt. */
  readonly soleRequest: string | undefined;
  /** @returns what came of it; undefined where no call that runs can have said it */
  heard(kind: number, call: number, payload: Buffer): "answer" | "report" | undefined;
  /** The worker has ended unasked, and is still there to be asked what had begun. */
  crashed(end: WorkerEnd): void;
  /** Sends the calls that wait, which can be sent now, or refuses them. */
  pump(): void;
}

export class Executor {
  code: Code;
  metadata: Metadata;
  /** How what was loaded last is confined. */
  report: ConfinementReport;
  private current: ExecutorState = { name: "starting" };
  private readonly user: ExecutorUser;
  private readonly options: ExecutorOptions;
  private readonly crashes = new CrashRecord();
  private readonly ending = new AbortController();
  private isReloading = false;
  /** Of the worker: when it was ready, and how many calls it has answered. */
  private startedAt = 0;
  private callsServed = 0;

  /** @param running what is to serve first, once it is told so */
  constructor(code: Code, { metadata, worker }: Running, options: ExecutorOptions, user: ExecutorUser) {
    this.code = code;
    this.metadata = metadata;
    this.report = worker.report;
    this.options = options;
    this.user = user;
  }

  get state(): ExecutorState {
    return this.current;
  }

  /** Undefined where no call can be sent. */
  get worker(): WorkerProcess | undefined {
    return this.current.name === "ready" ? this.current.worker : undefined;
  }

  /** @throws Error where no call can be sent: whoever asks has not asked the gate */
  get ready(): Ready {
    if (this.current.name !== "ready") throw new Error(`a plugin that is ${this.current.name} was sent a call`);
    return this.current;
  }

  get hearsOutput(): boolean {
    return this.options.events.hearsOutput;
  }

  /** How many calls may run at once (E2). */
  get concurrency(): number {
    return this.metadata.threadSafe ? this.options.concurrency : 1;
  }

  /** What every error says about the plugin. */
  get identity(): ErrorDetails {
    return { handle: this.options.handle, plugin: this.metadata.name, path: this.code.files.path };
  }

  /** What the process was and had done, for whoever looks for the cause of its crash. */
  get crashDetails(): ErrorDetails {
    const { libraryPath, integrity } = this.code.files;
    return {
      ...this.identity,
      reason: "crash",
      operation: "execute",
      library: libraryPath,
      integrity,
      uptimeMs: Math.round(performance.now() - this.startedAt),
      callsServed: this.callsServed,
    };
  }

  /** Has its calls run by a worker that is loaded. */
  serve({ worker, metadata, hasTable }: Running): void {
    this.become({ name: "ready", worker, hasTable });
    this.report = worker.report;
    this.startedAt = performance.now();
    this.callsServed = 0;
    this.metadata = metadata;
    const { handle, events } = this.options;
    log("info", `${handle}: process ${worker.pid} is ready, loaded from ${this.code.files.libraryPath}`);
    const { user } = this;
    const listener = {
      hearsOutput: () => events.hearsOutput,
      isBusy: () => user.running > 0,
      frame: (kind: number, call: number, payload: Buffer) => {
        const heard = user.heard(kind, call, payload);
        if (heard === "answer") this.callsServed++;
        if (heard !== undefined) return;
        worker.enter("distrusted", { ...listener, frame() {} });
        worker.kill(
          `it wrote to the channel that only dlrpc uses (frame ${kind} for call ${call}, which does not run)`,
        );
      },
      output: (stream: OutputStream, bytes: Buffer) => events.output(handle, stream, bytes, user.soleRequest),
      ended: (end: WorkerEnd) => this.crashed(end),
    };
    worker.enter("serving", listener);
    user.pump();
  }

  /**
   * Puts other code in the place of what is there. On failure that stays.
   * @param read examines the plugin's files anew, and copies them
   * @throws DlrpcError why the new code did not load
   */
  async reload(read: () => Promise<Code>, cancelled: AbortSignal): Promise<void> {
    this.isReloading = true;
    try {
      using begun = new Disposables();
      const code = begun.use(await read());
      const running = await this.options.start(code, AbortSignal.any([cancelled, this.ending.signal]));
      if (this.ending.signal.aborted) {
        running.worker.kill();
        throw this.ending.signal.reason;
      }
      begun.move();
      const replaced = this.code;
      this.code = code;
      this.crashes.clear();
      const released = this.release("reload", false)?.close();
      inBackground(Promise.resolve(released).then(() => replaced[Symbol.dispose]()));
      this.serve(running);
    } catch (error) {
      if (!(error instanceof DlrpcError) || this.ending.signal.aborted) throw error;
      throw reloadError(error, this.current.name === "quarantined", { handle: this.options.handle });
    } finally {
      this.isReloading = false;
      if (this.current.name === "restarting") inBackground(this.restart()); // it crashed meanwhile
    }
  }

  /** Ends the worker, because code cannot be interrupted otherwise, and starts another one. */
  replaceWorker(reason: "timeout" | "cancelled"): void {
    this.release(reason, true)?.kill();
    this.become({ name: "restarting" });
    inBackground(this.restart());
  }

  /** Ends it for good. @param now whether the worker gets no time for that */
  async end(reason: ExitReason, why: DlrpcError, now: boolean): Promise<void> {
    if (this.current.name === "ended") return;
    const released = this.release(reason, false);
    this.become({ name: "ended" });
    this.ending.abort(why);
    if (now) released?.kill();
    await released?.close();
  }

  private become(next: ExecutorState): void {
    this.current = follow(this.current, next);
  }

  /** The worker ended though nobody asked it to: a crash, whatever its status (E5). */
  private crashed(end: WorkerEnd): void {
    this.options.statistics.crashes++;
    this.user.crashed(end);
    const isLast = this.crashes.add();
    this.become({ name: isLast ? "quarantined" : "restarting" });
    this.reportExit(end, "crash", !isLast);
    if (isLast) this.user.pump();
    else inBackground(this.restart());
  }

  private async restart(): Promise<void> {
    if (this.isReloading) return; // it may bring new code; where it does not, its end comes back here
    this.options.statistics.restarts++;
    try {
      const running = await this.options.start(this.code, this.ending.signal);
      if (this.ending.signal.aborted) running.worker.kill();
      else this.serve(running);
    } catch (error) {
      if (this.ending.signal.aborted) return;
      log("warn", `${this.options.handle} did not start again: ${messageOf(error)}`);
      if (!this.crashes.add()) return this.restart();
      this.become({ name: "quarantined" });
      this.user.pump();
    }
  }

  /** @returns the worker, where there is one; of it only the last words and the end are of interest from now on */
  private release(reason: ExitReason, willRestart: boolean): WorkerProcess | undefined {
    const { worker } = this;
    const { handle, events } = this.options;
    worker?.enter("released", {
      ...nobody,
      output: (stream, bytes) => events.output(handle, stream, bytes, undefined),
      ended: (end) => this.reportExit(end, reason, willRestart),
    });
    return worker;
  }

  private reportExit({ signal, exitCode }: WorkerEnd, reason: ExitReason, willRestart: boolean): void {
    const { handle, events } = this.options;
    const how = signal ?? `status ${exitCode}`;
    log("info", `${handle}: its process has ended with ${how} (${reason})${willRestart ? ", another is started" : ""}`);
    events.exited({ handle, signal, exitCode, reason, willRestart });
  }
}
