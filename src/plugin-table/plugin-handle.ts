// Owns one loaded plugin: its worker, and what happens when that ends (E5, E6). Its calls are the dispatcher's.

import { residentBytes } from "#carrier/processes/resident-memory";
import { DlrpcError, type ErrorDetails } from "../../protocol/errors.ts";
import type { ExitedParams, ExitReason, ListedPlugin, OutputStream, Refusal } from "../../protocol/messages.ts";
import type { RawJson } from "../../protocol/raw.ts";
import { Disposables } from "../base/disposables.ts";
import type { HoldUps } from "../calls/back-pressure.ts";
import type { Call } from "../calls/call.ts";
import { crashError, reloadError } from "../calls/call-errors.ts";
import type { CallQueue } from "../calls/call-queue.ts";
import { type DispatchedPlugin, Dispatcher } from "../calls/dispatcher.ts";
import type { Recorder } from "../calls/recorder.ts";
import { inBackground } from "../carrier/both-halves/promises.ts";
import type { Grant } from "../confinement/grants.ts";
import type { Confinement } from "../confinement/policy.ts";
import type { Report } from "../confinement/report.ts";
import { log } from "../observe/log.ts";
import { Statistics } from "../observe/statistics.ts";
import type { PluginFiles } from "../plugins/examine.ts";
import type { Metadata } from "../plugins/manifest/metadata.ts";
import type { LibraryCopy } from "../workers/library-copy.ts";
import { nobody, type WorkerEnd } from "../workers/worker-listener.ts";
import type { WorkerProcess } from "../workers/worker-process.ts";
import { CrashRecord } from "./quarantine.ts";

/** What a loaded plugin needs from around it. */
export interface HandleOptions {
  readonly confinement: Confinement;
  readonly defaults: CallDefaults;
  /** What its processes inherit; given back when the last one has ended. */
  readonly grants: Disposables;
  readonly queue: CallQueue;
  readonly concurrency: number;
  readonly maxResultBytes: number;
  readonly portableJson: boolean;
  /** Examines the plugin's files anew, and copies them. @throws DlrpcError */
  read(): Promise<Code>;
  /** Loads the code into a fresh worker. @throws DlrpcError */
  start(code: Code, cancelled: AbortSignal): Promise<Running>;
  readonly events: HandleEvents;
  readonly holdUps: HoldUps;
  readonly recorder: Recorder | undefined;
}

/** What plugin/load set for every call that does not say otherwise. */
export interface CallDefaults {
  readonly config: RawJson | undefined;
  readonly timeoutMs: number | undefined;
}

export interface HandleEvents {
  /** Whether anyone wants to know which call wrote what. */
  readonly hearsOutput: boolean;
  /** @param requestId as it was written: a letter per byte */
  output(handle: string, stream: OutputStream, bytes: Buffer, requestId: string | undefined): void;
  exited(end: ExitedParams): void;
  refused(handle: string, refusal: Refusal): void;
}

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

export class PluginHandle implements DispatchedPlugin {
  readonly id: string;
  metadata: Metadata;
  worker: WorkerProcess | undefined;
  state: ListedPlugin["state"] = "ready";
  hasTable = false;
  private code: Code;
  private readonly options: HandleOptions;
  private readonly statistics = new Statistics();
  private readonly crashes = new CrashRecord();
  /** How what was loaded last is confined. */
  report: Report;
  /** Of the worker: when it was ready, and how many calls it has answered. */
  private startedAt = 0;
  private callsServed = 0;
  private readonly calls: Dispatcher;
  private readonly closing = new AbortController();
  private readonly resources: Disposables;

  constructor(id: string, code: Code, running: Running, options: HandleOptions) {
    this.id = id;
    this.code = code;
    this.metadata = running.metadata;
    this.report = running.worker.report;
    this.options = options;
    this.calls = new Dispatcher(this, options.queue, this.statistics, options.holdUps);
    this.resources = options.grants.move();
    this.resources.defer(() => this.code[Symbol.dispose]());
    options.confinement.explanation?.tellTo((refusal) => options.events.refused(id, refusal));
    this.adopt(running);
  }

  get files(): PluginFiles {
    return this.code.files;
  }

  get confinement(): Confinement {
    return this.options.confinement;
  }

  get defaults(): CallDefaults {
    return this.options.defaults;
  }

  get concurrency(): number {
    return this.metadata.threadSafe ? this.options.concurrency : 1;
  }

  get maxResultBytes(): number {
    return this.options.maxResultBytes;
  }

  get portableJson(): boolean {
    return this.options.portableJson;
  }

  get hearsOutput(): boolean {
    return this.options.events.hearsOutput;
  }

  /** Queues a call, or refuses it: either way it gets its one answer. */
  execute(call: Call): void {
    this.calls.execute(call);
  }

  /** Ends a call because its host asked for that (E4); one that has its answer is left alone. */
  cancel(call: Call): void {
    this.calls.cancel(call);
  }

  /**
   * Replaces the code, read anew, once all earlier calls are done. On failure the old code stays.
   * @throws DlrpcError why the new code did not load
   */
  reload(cancelled: AbortSignal): Promise<void> {
    return this.calls.step(false, async () => {
      try {
        using begun = new Disposables();
        const code = await this.options.read();
        begun.use(code);
        const running = await this.options.start(code, AbortSignal.any([cancelled, this.closing.signal]));
        begun.move();
        const replaced = this.code;
        this.code = code;
        this.crashes.clear();
        inBackground(this.retire("reload").then(() => replaced[Symbol.dispose]()));
        this.adopt(running);
      } catch (error) {
        if (!(error instanceof DlrpcError) || this.closing.signal.aborted) throw error;
        throw reloadError(error, this.state === "quarantined", { handle: this.id });
      }
    });
  }

  /** Ends the plugin's process once all earlier calls are done. */
  unload(reason: ExitReason): Promise<void> {
    return this.calls.step(true, async () => {
      this.closing.abort(new DlrpcError("REQUEST_CANCELLED", "The plugin was unloaded"));
      await this.retire(reason);
      this.resources.dispose();
    });
  }

  /** Ends everything now: what runs and what waits is answered with `error()`. */
  async abort(error: () => DlrpcError, reason: ExitReason): Promise<void> {
    this.closing.abort(error());
    this.calls.abandon(error);
    const worker = this.detach(reason, false);
    worker?.kill();
    await worker?.close();
    this.resources.dispose();
  }

  describe(): ListedPlugin {
    const { id: handle, state, metadata, files, statistics } = this;
    const { name, version } = metadata;
    const { calls, errors, crashes, restarts, timeouts, discarded } = statistics;
    const [p50Ms, p99Ms] = [statistics.percentile(50), statistics.percentile(99)];
    const pid = this.worker?.pid ?? null;
    const rssBytes = pid === null ? null : residentBytes(pid);
    const explained = this.confinement.explanation?.describe();
    return {
      handle,
      name,
      version,
      path: files.path,
      state,
      isolation: "process",
      permissions: files.manifest.permissions,
      ...(explained !== undefined && { explained }),
      pid,
      running: this.calls.running,
      queued: this.calls.waiting,
      stats: { calls, errors, crashes, restarts, timeouts, discarded, p50Ms, p99Ms, rssBytes },
    };
  }

  recorded(call: Call, error: DlrpcError): DlrpcError {
    return this.options.recorder?.record(call, error, this) ?? error;
  }

  replaceWorker(reason: "timeout" | "cancelled"): void {
    this.detach(reason, true)?.kill();
    inBackground(this.restart());
  }

  stepEnded(): void {
    if (this.state === "restarting" && !this.closing.signal.aborted) inBackground(this.restart());
  }

  /** The worker ended though nobody asked it to: a crash, whatever its status (E5). */
  private onCrash(end: WorkerEnd): void {
    this.statistics.crashes++;
    this.calls.workerEnded(() => crashError("while a call ran", end, this.crashDetails));
    this.worker = undefined;
    const quarantined = this.crashes.add();
    this.reportExit(end, "crash", !quarantined);
    if (quarantined) this.quarantine();
    else inBackground(this.restart());
  }

  private async restart(): Promise<void> {
    this.state = "restarting";
    if (this.calls.isStepping) return; // a reload may bring new code; where it does not, the step's end comes back here
    this.statistics.restarts++;
    try {
      const running = await this.options.start(this.code, this.closing.signal);
      if (this.closing.signal.aborted) running.worker.kill();
      else this.adopt(running);
    } catch (error) {
      if (this.closing.signal.aborted) return;
      log("warn", `${this.id} did not start again: ${error instanceof Error ? error.message : error}`);
      if (this.crashes.add()) this.quarantine();
      else await this.restart();
    }
  }

  private quarantine(): void {
    this.state = "quarantined";
    this.calls.pump();
  }

  private adopt({ worker, metadata, hasTable }: Running): void {
    this.worker = worker;
    this.hasTable = hasTable;
    this.report = worker.report;
    this.startedAt = performance.now();
    this.callsServed = 0;
    this.metadata = metadata;
    this.state = "ready";
    log("info", `${this.id}: process ${worker.pid} is ready, loaded from ${this.files.libraryPath}`);
    const { calls, options } = this;
    worker.listener = {
      hearsOutput: () => options.events.hearsOutput,
      isBusy: () => calls.running > 0,
      frame: (kind, call, payload) => {
        const heard = calls.heard(kind, call, payload);
        if (heard === "answer") this.callsServed++;
        if (heard === undefined) {
          worker.listener = { ...worker.listener, frame() {} }; // nothing of it is believed any more
          worker.kill(
            `it wrote to the channel that only dlrpc uses (frame ${kind} for call ${call}, which does not run)`,
          );
        }
      },
      output: (stream, bytes) => options.events.output(this.id, stream, bytes, calls.soleRequest),
      ended: (end) => this.onCrash(end),
    };
    calls.pump();
  }

  /** Lets the worker go in order. */
  private async retire(reason: ExitReason): Promise<void> {
    await this.detach(reason, false)?.close();
  }

  /** The worker, of which only the last words and the end are of interest from now on. */
  private detach(reason: ExitReason, willRestart: boolean): WorkerProcess | undefined {
    const { worker } = this;
    this.worker = undefined;
    if (worker) {
      worker.listener = {
        ...nobody,
        output: (stream, bytes) => this.options.events.output(this.id, stream, bytes, undefined),
        ended: (end) => this.reportExit(end, reason, willRestart),
      };
    }
    return worker;
  }

  private reportExit({ signal, exitCode }: WorkerEnd, reason: ExitReason, willRestart: boolean): void {
    const how = signal ?? `status ${exitCode}`;
    log(
      "info",
      `${this.id}: its process has ended with ${how} (${reason})${willRestart ? ", another is started" : ""}`,
    );
    this.options.events.exited({ handle: this.id, signal, exitCode, reason, willRestart });
  }

  /** What every error of this handle says about it. */
  get identity(): ErrorDetails {
    return { handle: this.id, plugin: this.metadata.name, path: this.files.path };
  }

  /** What the process was and had done, for whoever looks for the cause of its crash. */
  get crashDetails(): ErrorDetails {
    return {
      ...this.identity,
      reason: "crash",
      operation: "execute",
      library: this.files.libraryPath,
      integrity: this.files.integrity,
      uptimeMs: Math.round(performance.now() - this.startedAt),
      callsServed: this.callsServed,
    };
  }
}
