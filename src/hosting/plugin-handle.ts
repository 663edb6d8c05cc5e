// Owns one loaded plugin: its queue, its executor, and what happens when that ends (E2 to E10).

import { DlrpcError, type ErrorDetails } from "../../protocol/errors.ts";
import type { ExitedParams, ExitReason, Isolation, ListedPlugin, OutputStream } from "../../protocol/messages.ts";
import type { RawJson } from "../../protocol/raw.ts";
import { log } from "../observe/log.ts";
import { residentBytes } from "../observe/memory.ts";
import { Statistics } from "../observe/statistics.ts";
import type { PluginFiles } from "../plugins/examine.ts";
import type { Metadata } from "../plugins/metadata.ts";
import { checkResult, invalidResult } from "../plugins/result.ts";
import { type Frame, FrameKind } from "../worker/frames.ts";
import type { Call } from "./call.ts";
import { crashError, quarantineError, reloadError, siblingError, timeoutError } from "./call-errors.ts";
import type { CallQueue, Entry, Step } from "./call-queue.ts";
import { type Executor, type ExecutorEnd, nobody } from "./executor.ts";
import type { HoldUp } from "./hold-up.ts";
import { CrashRecord } from "./quarantine.ts";
import { RunningCalls } from "./running-calls.ts";

/** What a loaded plugin needs from around it. */
export interface HandleOptions {
  readonly isolation: Isolation;
  readonly defaults: CallDefaults;
  readonly queue: CallQueue;
  readonly concurrency: number;
  /** Loads the library into a fresh executor. @throws DlrpcError */
  start(files: PluginFiles, cancelled: AbortSignal): Promise<Running>;
  readonly events: HandleEvents;
  readonly holdUp: HoldUp;
}

/** What plugin/load set for every call that does not say otherwise. */
export interface CallDefaults {
  readonly config: RawJson | undefined;
  readonly timeoutMs: number | undefined;
}

export interface HandleEvents {
  output(handle: string, stream: OutputStream, bytes: Buffer, requestId: RawJson | undefined): void;
  exited(end: ExitedParams): void;
}

/** A plugin that is loaded and can be called. */
export interface Running {
  readonly executor: Executor;
  readonly metadata: Metadata;
}

export class PluginHandle {
  readonly id: string;
  files: PluginFiles;
  metadata: Metadata;
  private readonly options: HandleOptions;
  private readonly statistics = new Statistics();
  private readonly crashes = new CrashRecord();
  private executor: Executor | undefined;
  /** Of the executor: when it was ready, and how many calls it has answered. */
  private startedAt = 0;
  private callsServed = 0;
  private state: ListedPlugin["state"] = "ready";
  private readonly queue: CallQueue;
  private readonly running = new RunningCalls();
  private stepRuns = false;
  private readonly closing = new AbortController();

  constructor(id: string, files: PluginFiles, running: Running, options: HandleOptions) {
    this.id = id;
    this.files = files;
    this.metadata = running.metadata;
    this.options = options;
    this.queue = options.queue;
    this.adopt(running);
  }

  get isolation(): Isolation {
    return this.options.isolation;
  }

  get defaults(): CallDefaults {
    return this.options.defaults;
  }

  /** Queues a call, or refuses it (E6, E7): either way it gets its one answer. */
  execute(call: Call): void {
    try {
      this.queue.addCall(call);
    } catch (error) {
      if (!(error instanceof DlrpcError)) throw error;
      return call.fail(error.with(this.identity));
    }
    this.pump();
  }

  /** Ends a call because its host asked for that (E4); one that has its answer is left alone. */
  cancel(call: Call): void {
    const error = new DlrpcError("REQUEST_CANCELLED", "The call was cancelled", this.identity);
    if (this.queue.remove(call)) {
      call.fail(error);
      this.pump(); // what stood behind it may be a step
    } else {
      this.stop(call, error, "cancelled");
    }
  }

  /**
   * Replaces the code once all earlier calls are done. On failure the old code stays.
   * @param read examines the plugin's files anew
   * @throws DlrpcError why the new code did not load
   */
  reload(read: () => Promise<PluginFiles>, cancelled: AbortSignal): Promise<void> {
    return this.step(false, async () => {
      try {
        const files = await read();
        const running = await this.options.start(files, AbortSignal.any([cancelled, this.closing.signal]));
        this.files = files;
        this.crashes.clear();
        void this.retire("reload");
        this.adopt(running);
      } catch (error) {
        if (!(error instanceof DlrpcError) || this.closing.signal.aborted) throw error;
        throw reloadError(error, this.state === "quarantined", { handle: this.id });
      }
    });
  }

  /** Ends the plugin's process once all earlier calls are done. */
  unload(reason: ExitReason): Promise<void> {
    return this.step(true, () => {
      this.closing.abort(new DlrpcError("REQUEST_CANCELLED", "The plugin was unloaded"));
      return this.retire(reason);
    });
  }

  /** Ends everything now: what runs and what waits is answered with `error()`. */
  async abort(error: () => DlrpcError, reason: ExitReason): Promise<void> {
    this.closing.abort(error());
    this.queue.abandon(error);
    this.running.fail(error);
    const executor = this.detach(reason, false);
    executor?.kill();
    if (executor?.canBeStopped) await executor.close();
  }

  describe(): ListedPlugin {
    const { name, version } = this.metadata;
    const { statistics, executor } = this;
    const pid = executor?.pid ?? null;
    return {
      handle: this.id,
      name,
      version,
      path: this.files.path,
      state: this.state,
      isolation: this.isolation,
      pid,
      running: this.running.size,
      queued: this.queue.length,
      stats: {
        calls: statistics.calls,
        errors: statistics.errors,
        crashes: statistics.crashes,
        restarts: statistics.restarts,
        timeouts: statistics.timeouts,
        p50Ms: statistics.percentile(50),
        p99Ms: statistics.percentile(99),
        rssBytes: pid === null ? null : residentBytes(pid),
      },
    };
  }

  /** Starts whatever may start now, in order of arrival. */
  private pump(): void {
    for (let entry = this.queue.first; entry !== undefined && !this.stepRuns; entry = this.queue.first) {
      if (!this.mayBegin(entry)) return;
      this.queue.shift();
      if (entry.type === "step") void this.runStep(entry);
      else this.beginCall(entry.call);
    }
  }

  private mayBegin(entry: Entry): boolean {
    if (entry.type === "step") return this.running.size === 0 && (entry.isLast || this.state !== "restarting");
    if (this.state === "quarantined") return true;
    return this.executor !== undefined && this.running.size < this.slots && this.options.holdUp.passes(this.pumpAgain);
  }

  private readonly pumpAgain = (): void => this.pump();

  /** How many calls may run at once (E2). */
  private get slots(): number {
    return this.metadata.threadSafe ? this.options.concurrency : 1;
  }

  private beginCall(call: Call): void {
    if (this.executor === undefined) return call.fail(quarantineError(this.identity));
    const number = this.running.add(call);
    this.statistics.calls++;
    call.start(() => this.stop(call, timeoutError(call.timeoutMs, this.identity), "timeout"));
    this.executor.send(FrameKind.execute, number, call.context);
  }

  private onFrame(executor: Executor, { kind, call: number, payload }: Frame): void {
    const isAnswer = kind === FrameKind.result || kind === FrameKind.noResult;
    const call = isAnswer ? this.running.take(number) : undefined;
    if (call === undefined) {
      executor.kill(`frame ${kind} for call ${number}, which does not run`);
      return;
    }
    this.callsServed++;
    this.statistics.ran(call.duration);
    try {
      if (kind === FrameKind.noResult) throw invalidResult(payload.toString("utf8"));
      call.succeed(checkResult(payload));
    } catch (error) {
      if (!(error instanceof DlrpcError)) throw error;
      if (!call.isAnswered) this.statistics.errors++;
      call.fail(error.with(this.identity));
    }
    this.pump();
  }

  /** Answers a running call before it is done, and ends its process, since code cannot be interrupted (E3, E4). */
  private stop(call: Call, error: DlrpcError, reason: "timeout" | "cancelled"): void {
    if (!this.running.has(call) || call.isAnswered) return;
    this.statistics.errors++;
    if (reason === "timeout") this.statistics.timeouts++;
    call.fail(error);
    if (this.executor?.canBeStopped !== true) return; // it stays busy until the code returns (E10)
    this.statistics.errors += this.running.size - 1;
    this.running.fail(() => siblingError(reason, this.identity));
    this.detach(reason, true)?.kill();
    void this.restart();
  }

  /** The executor ended though nobody asked it to: a crash, whatever its status (E5). */
  private onCrash(end: ExecutorEnd): void {
    this.executor = undefined;
    this.statistics.crashes++;
    this.statistics.errors += this.running.size;
    this.running.fail(() => crashError("while a call ran", end, this.crashDetails));
    const quarantined = this.crashes.add();
    this.reportExit(end, "crash", !quarantined);
    if (quarantined) this.quarantine();
    else void this.restart();
  }

  private async restart(): Promise<void> {
    this.state = "restarting";
    if (this.stepRuns) return; // a reload may bring new code; where it does not, the step's end comes back here
    this.statistics.restarts++;
    try {
      const running = await this.options.start(this.files, this.closing.signal);
      if (this.closing.signal.aborted) running.executor.kill();
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
    this.pump();
  }

  private adopt({ executor, metadata }: Running): void {
    this.executor = executor;
    this.startedAt = performance.now();
    this.callsServed = 0;
    this.metadata = metadata;
    this.state = "ready";
    executor.listener = {
      frame: (frame) => this.onFrame(executor, frame),
      output: (stream, bytes) => this.options.events.output(this.id, stream, bytes, this.running.soleRequest()),
      ended: (end) => this.onCrash(end),
    };
    this.pump();
  }

  /** Lets the executor go in order. */
  private async retire(reason: ExitReason): Promise<void> {
    await this.detach(reason, false)?.close();
  }

  /** The executor, of which only the last words and the end are of interest from now on. */
  private detach(reason: ExitReason, willRestart: boolean): Executor | undefined {
    const { executor } = this;
    this.executor = undefined;
    if (executor) {
      executor.listener = {
        ...nobody,
        output: (stream, bytes) => this.options.events.output(this.id, stream, bytes, undefined),
        ended: (end) => this.reportExit(end, reason, willRestart),
      };
    }
    return executor;
  }

  private step(isLast: boolean, run: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.queue.addStep({ type: "step", isLast, run: () => run().then(resolve, reject), abandon: reject });
      this.pump();
    });
  }

  private async runStep({ run }: Step): Promise<void> {
    this.stepRuns = true;
    await run();
    this.stepRuns = false;
    if (this.state === "restarting" && !this.closing.signal.aborted) void this.restart();
    this.pump();
  }

  private reportExit({ signal, exitCode }: ExecutorEnd, reason: ExitReason, willRestart: boolean): void {
    this.options.events.exited({ handle: this.id, signal, exitCode, reason, willRestart });
  }

  /** What every error of this handle says about it. */
  get identity(): ErrorDetails {
    return { handle: this.id, plugin: this.metadata.name, path: this.files.path };
  }

  /** What the process was and had done, for whoever looks for the cause of its crash. */
  private get crashDetails(): ErrorDetails {
    return {
      ...this.identity,
      reason: "crash",
      operation: "execute",
      library: this.files.libraryPath,
      integrity: this.files.library.integrity,
      uptimeMs: Math.round(performance.now() - this.startedAt),
      callsServed: this.callsServed,
    };
  }
}
