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
import { BOARD_CALLS } from "../worker/board.ts";
import { FrameKind } from "../worker/frames.ts";
import type { Call } from "./call.ts";
import { crashError, quarantineError, reloadError, siblingError, timeoutError } from "./call-errors.ts";
import type { CallQueue, Entry, Step } from "./call-queue.ts";
import { type Executor, type ExecutorEnd, nobody } from "./executor.ts";
import type { HoldUp } from "./hold-up.ts";
import { CrashRecord } from "./quarantine.ts";
import { SentCalls } from "./sent-calls.ts";

/** So many calls, of so many bytes, are sent to a worker before their turn, so that it need not wait for the next one. */
const MOST_AHEAD = 64;
const MOST_AHEAD_BYTES = 32 * 1024;

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
  /** Whether anyone wants to know which call wrote what. */
  readonly hearsOutput: boolean;
  /** @param requestId as it was written: a letter per byte */
  output(handle: string, stream: OutputStream, bytes: Buffer, requestId: string | undefined): void;
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
  private readonly sent = new SentCalls();
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
      this.queue.addCall(call, this.sent.size - this.sent.running);
    } catch (error) {
      if (!(error instanceof DlrpcError)) throw error;
      return call.fail(error.with(this.identity));
    }
    this.pump();
  }

  /** Ends a call because its host asked for that (E4); one that has its answer is left alone. */
  cancel(call: Call): void {
    const error = new DlrpcError("REQUEST_CANCELLED", "The call was cancelled", this.identity);
    if (this.queue.remove(call) || (!call.runs && this.takeBack(call))) {
      call.fail(error);
      this.startNext();
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
    for (const call of this.sent.all) if (this.takeBack(call)) call.fail(error());
    this.sent.fail(error);
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
      running: this.sent.running,
      queued: this.queue.length + this.sent.size - this.sent.running,
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
    if (entry.type === "step") return this.sent.size === 0 && (entry.isLast || this.state !== "restarting");
    if (this.state === "quarantined") return true;
    return this.executor !== undefined && this.hasRoomFor(entry.call) && this.options.holdUp.passes(this.pumpAgain);
  }

  private readonly pumpAgain = (): void => this.pump();

  /** How many calls may run at once (E2). */
  private get slots(): number {
    return this.metadata.threadSafe ? Math.min(this.options.concurrency, BOARD_CALLS / 2) : 1;
  }

  /** Whether a call may run, or be sent ahead: not where that would blur which call has written what. */
  private hasRoomFor(call: Call): boolean {
    const { size, bytes } = this.sent;
    if (size < this.slots) return true;
    const isFew = size < MOST_AHEAD && bytes + call.context.bytes <= MOST_AHEAD_BYTES;
    return this.slots === 1 && isFew && !this.options.events.hearsOutput;
  }

  private beginCall(call: Call): void {
    if (this.executor === undefined) return call.fail(quarantineError(this.identity));
    this.sent.add(call);
    this.executor.board.send(call.number);
    if (this.sent.running < this.slots) this.start(call);
    this.executor.send(FrameKind.execute, call.number, call.context.pieces);
  }

  private start(call: Call): void {
    this.statistics.calls++;
    this.sent.running++;
    call.start(this.onDeadline);
  }

  private readonly onDeadline = (call: Call): void => {
    this.stop(call, timeoutError(call.timeoutMs, this.identity), "timeout");
  };

  /** Of the calls that were sent ahead, it is the next one's turn. */
  private startNext(): void {
    const next = this.sent.first;
    if (next !== undefined && !next.runs && this.sent.running < this.slots) this.start(next);
  }

  private onFrame(executor: Executor, kind: number, number: number, payload: Buffer): void {
    const isAnswer = kind === FrameKind.result || kind === FrameKind.noResult;
    const call = isAnswer ? this.sent.find(number) : undefined;
    if (call === undefined || !call.runs) {
      executor.kill(`frame ${kind} for call ${number}, which does not run`);
      return;
    }
    this.sent.remove(call);
    this.callsServed++;
    this.statistics.ran(call.duration);
    this.answer(call, kind, payload);
    this.startNext();
    this.pump();
  }

  private answer(call: Call, kind: number, payload: Buffer): void {
    try {
      if (kind === FrameKind.noResult) throw invalidResult(payload.toString("utf8"));
      call.succeed(checkResult(payload));
    } catch (error) {
      if (!(error instanceof DlrpcError)) throw error;
      if (!call.isAnswered) this.statistics.errors++;
      call.fail(error.with(this.identity));
    }
  }

  /** Answers a running call before it is done, and ends its process, since code cannot be interrupted (E3, E4). */
  private stop(call: Call, error: DlrpcError, reason: "timeout" | "cancelled"): void {
    if (this.sent.has(call) && !this.putBackAhead()) this.executor?.readNow(); // a later one has begun: it is done
    if (!this.sent.has(call) || call.isAnswered) return;
    this.statistics.errors++;
    if (reason === "timeout") this.statistics.timeouts++;
    call.fail(error);
    if (this.executor?.canBeStopped !== true) return; // it stays busy until the code returns (E10)
    this.statistics.errors += this.sent.size - 1;
    this.sent.fail(() => siblingError(reason, this.identity));
    this.detach(reason, true)?.kill();
    void this.restart();
  }

  /** Lets calls that were sent ahead wait in the queue again. @returns whether that was possible for all */
  private putBackAhead(): boolean {
    for (const call of this.sent.all.toReversed()) {
      if (call.runs) return true;
      if (!this.takeBack(call)) return false;
      this.queue.putBack(call);
    }
    return true;
  }

  /** Takes a call back that was sent and has not begun. @returns whether that was possible */
  private takeBack(call: Call): boolean {
    if (!this.sent.has(call) || this.executor?.board.takeBack(call.number) !== true) return false;
    this.sent.remove(call);
    if (call.runs) this.statistics.calls--;
    call.wait();
    return true;
  }

  /** The executor ended though nobody asked it to: a crash, whatever its status (E5). */
  private onCrash(end: ExecutorEnd): void {
    for (const call of this.sent.all.toReversed()) if (this.takeBack(call)) this.queue.putBack(call);
    this.executor = undefined;
    this.statistics.crashes++;
    this.statistics.errors += this.sent.size;
    this.sent.fail(() => crashError("while a call ran", end, this.crashDetails));
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
    const { events } = this.options;
    executor.listener = {
      get hearsOutput() {
        return events.hearsOutput;
      },
      frame: (kind, call, payload) => this.onFrame(executor, kind, call, payload),
      output: (stream, bytes) => events.output(this.id, stream, bytes, this.soleRequest),
      ended: (end) => this.onCrash(end),
    };
    this.pump();
  }

  /** The request that something the plugin did belongs to, where there can be no doubt. */
  private get soleRequest(): string | undefined {
    return this.sent.running === 1 ? this.sent.first?.requestId : undefined;
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
