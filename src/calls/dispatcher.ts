// Owns the calls of one plugin: which wait, which run, which are sent ahead, and how each of them ends (E2 to E4, E7 to
// E9). What runs them comes and goes, as its owner says.

import { FrameKind, MOST_THREADS, NO_RESULT_BYTES, Wanted } from "../../native/frames/frames.ts";
import { DlrpcError, type ErrorDetails } from "../../protocol/errors.ts";
import { Deferred, inBackground } from "../carrier/both-halves/promises.ts";
import type { Statistics } from "../observe/statistics.ts";
import { boundYoungGeneration } from "../observe/young-generation.ts";
import { type LastWords, noWords } from "../workers/worker-listener.ts";
import type { WorkerProcess } from "../workers/worker-process.ts";
import type { BackPressure, HoldUps } from "./back-pressure.ts";
import type { Call } from "./call.ts";
import { notTaken, quarantineError, siblingError, timeoutError } from "./call-errors.ts";
import type { CallQueue, Entry, Step } from "./call-queue.ts";
import { checkResult, invalidResult } from "./result.ts";
import { SentCalls } from "./sent-calls.ts";

/** So many calls, of so many bytes, are sent to a worker before their turn, so that it need not wait for the next one. */
const MOST_AHEAD = 64;
const MOST_AHEAD_BYTES = 32 * 1024;

const WANTED_FOR: Readonly<Record<number, number>> = {
  [FrameKind.progress]: Wanted.wantsProgress,
  [FrameKind.output]: Wanted.wantsOutput,
  [FrameKind.said]: Wanted.wantsLog,
};

/** The plugin as the dispatcher sees it. */
export interface DispatchedPlugin {
  /** What runs the calls now; undefined while there is nothing. */
  readonly worker: WorkerProcess | undefined;
  readonly state: "ready" | "restarting" | "quarantined";
  /** How many calls may run at once (E2). */
  readonly concurrency: number;
  /** The longest string that is taken from it. */
  readonly maxResultBytes: number;
  /** Whether results are refused that not every parser reads (M13). */
  readonly portableJson: boolean;
  /** Whether it has taken the table: it hears that a call is to stop, and says more than its answer. */
  readonly hasTable: boolean;
  /** Whether anyone wants to know which call wrote what. */
  readonly hearsOutput: boolean;
  /** What every error says about it. */
  readonly identity: ErrorDetails;
  /** What its process was and had done, for the errors of calls that the process fails. */
  readonly crashDetails: ErrorDetails;
  /** Keeps a call that fails by its own doing, where that is wanted. @returns the error to tell */
  recorded(call: Call, error: DlrpcError): DlrpcError;
  /** Ends the worker, because code cannot be interrupted otherwise, and sees to another one. */
  replaceWorker(reason: "timeout" | "cancelled"): void;
  /** A step has ended, before calls go on: a restart may have had to wait for it. */
  stepEnded(): void;
}

export class Dispatcher {
  private readonly plugin: DispatchedPlugin;
  private readonly queue: CallQueue;
  private readonly statistics: Statistics;
  private readonly holdUp: BackPressure;
  private readonly streamHoldUp: BackPressure;
  private readonly sent = new SentCalls();
  private stepRuns = false;

  constructor(
    plugin: DispatchedPlugin,
    queue: CallQueue,
    statistics: Statistics,
    { calls: holdUp, streams: streamHoldUp }: HoldUps,
  ) {
    this.plugin = plugin;
    this.queue = queue;
    this.statistics = statistics;
    this.holdUp = holdUp;
    this.streamHoldUp = streamHoldUp;
  }

  get running(): number {
    return this.sent.running;
  }

  /** How many calls wait, wherever that is. */
  get waiting(): number {
    return this.queue.length + this.sent.size - this.sent.running;
  }

  /** Whether a step runs: then no call does. */
  get isStepping(): boolean {
    return this.stepRuns;
  }

  /** The request that something the plugin did belongs to, where there can be no doubt. */
  get soleRequest(): string | undefined {
    const { first, running } = this.sent;
    return running === 1 && first?.isAnswered === false ? first.requestId : undefined;
  }

  /** Queues a call, or refuses it (E6, E7): either way it gets its one answer. */
  execute(call: Call): void {
    if (this.mayRunAtOnce()) return this.send(call);
    try {
      this.queue.addCall(call, this.sent.size - this.sent.running);
    } catch (error) {
      if (!(error instanceof DlrpcError)) throw error;
      return call.fail(error.with(this.plugin.identity));
    }
    this.pump();
  }

  /** Ends a call because its host asked for that (E4); one that has its answer is left alone. */
  cancel(call: Call): void {
    const error = new DlrpcError("REQUEST_CANCELLED", "The call was cancelled", this.plugin.identity);
    if (this.queue.remove(call) || this.takeBack(call)) {
      call.fail(error);
      this.pump(); // what stood behind it may be a step
    } else {
      this.stop(call, error, "cancelled");
    }
  }

  /** Runs `run` when all earlier calls are done; later ones wait for its end. */
  step(isLast: boolean, run: () => Promise<void>): Promise<void> {
    const done = new Deferred();
    const { resolve, reject } = done;
    this.queue.addStep({ type: "step", isLast, run: () => run().then(resolve, reject), abandon: reject });
    this.pump();
    return done.promise;
  }

  /** Answers all calls with `error()`, those that run included. The worker is still there, and is no more used. */
  abandon(error: () => DlrpcError): void {
    this.queue.abandon(error);
    for (const call of this.sent.all) if (this.takeBack(call)) call.fail(error());
    this.failSent(error);
  }

  /** The worker has ended, and is still the plugin's: calls whose turn it was fail, the others wait for the next one. */
  workerEnded(error: () => DlrpcError): void {
    for (const call of this.sent.all.toReversed()) if (this.takeBack(call)) this.queue.putBack(call);
    this.failSent((call) => this.plugin.recorded(call, error()));
  }

  /** Starts whatever may start now, in order of arrival. */
  pump(): void {
    this.startNext();
    for (let entry = this.queue.first; entry !== undefined && !this.stepRuns; entry = this.queue.first) {
      if (!this.mayBegin(entry)) return;
      this.queue.shift();
      if (entry.type === "step") inBackground(this.runStep(entry));
      else this.send(entry);
    }
  }

  /** @returns what came of it; undefined where no call that runs can have said it */
  heard(kind: number, number: number, payload: Buffer): "answer" | "report" | undefined {
    const call = this.sent.find(number);
    if (call === undefined || !call.runs) return undefined;
    if (kind === FrameKind.result || (kind === FrameKind.noResult && payload.length === NO_RESULT_BYTES)) {
      this.answered(call, kind, payload);
      return "answer";
    }
    return this.reported(call, kind, payload) ? "report" : undefined;
  }

  private answered(call: Call, kind: number, payload: Buffer): void {
    const { worker } = this.plugin;
    this.sent.remove(call);
    if (call.isAnswered) {
      this.statistics.discarded++;
    } else {
      this.statistics.ran(call.duration);
      this.answer(call, kind, payload);
    }
    if (worker?.hasSentAll) call.free(); // else the answer came before the call, and is forged
    this.pump();
  }

  /** @returns whether it is of the form that a worker gives it */
  private reported(call: Call, kind: number, payload: Buffer): boolean {
    const { worker, hasTable, portableJson } = this.plugin;
    if (worker === undefined || !hasTable) return false;
    const unwanted = call.isAnswered || (call.wanted & (WANTED_FOR[kind] ?? 0)) === 0;
    if (unwanted) return WANTED_FOR[kind] !== undefined;
    switch (kind) {
      case FrameKind.progress:
        call.reportsOn(worker.controlBlock).progress();
        return true;
      case FrameKind.output:
        call.reportsOn(worker.controlBlock).output(payload, portableJson);
        if (!this.streamHoldUp.passes(this.goOn)) worker.pause();
        return true;
      case FrameKind.said:
        return call.reportsOn(worker.controlBlock).said(payload);
      default:
        return false;
    }
  }

  private readonly pumpAgain = (): void => this.pump();
  private readonly goOn = (): void => this.plugin.worker?.goOn();

  private mayRunAtOnce(): boolean {
    const isFirst = this.queue.first === undefined && !this.stepRuns && this.plugin.state === "ready";
    return isFirst && this.sent.size < this.slots && this.holdUp.passes(this.pumpAgain);
  }

  private mayBegin(entry: Entry): boolean {
    const { state, worker } = this.plugin;
    if (entry.type === "step") return this.sent.size === 0 && (entry.isLast || state !== "restarting");
    if (state === "quarantined") return true;
    return worker !== undefined && this.hasRoomFor(entry) && this.holdUp.passes(this.pumpAgain);
  }

  private get slots(): number {
    return Math.min(this.plugin.concurrency, MOST_THREADS);
  }

  /** Whether a call may run, or be sent ahead: not where that would blur which call has written what. */
  private hasRoomFor(call: Call): boolean {
    const { size, bytes } = this.sent;
    const { slots } = this;
    if (size < slots) return true;
    const isFew = size < MOST_AHEAD && bytes + call.context.bytes <= MOST_AHEAD_BYTES;
    return slots === 1 && isFew && !this.plugin.hearsOutput;
  }

  private send(call: Call): void {
    const { worker, identity } = this.plugin;
    if (worker === undefined) return call.fail(quarantineError(identity));
    this.sent.add(call);
    if (this.plugin.hasTable) worker.controlBlock.order(call.number, call.wanted, call.timeoutMs);
    worker.controlBlock.send(call.number);
    if (this.sent.running < this.slots) this.start(call);
    else this.queue.keepRoomFor(call);
    worker.send(FrameKind.execute, call.number, call.context.pieces);
  }

  private start(call: Call): void {
    this.statistics.calls++;
    boundYoungGeneration();
    if (this.sent.running === 0) this.plugin.worker?.callsBegin();
    this.sent.running++;
    call.start(this.onDeadline);
  }

  private readonly onDeadline = (call: Call): void => {
    this.stop(call, timeoutError(call.timeoutMs, this.lastWords(), this.plugin.identity), "timeout");
  };

  private lastWords(): LastWords {
    return this.plugin.worker?.lastWords() ?? noWords;
  }

  /** Of the calls that were sent ahead, it is the next one's turn. */
  private startNext(): void {
    const next = this.sent.first;
    if (next === undefined || next.runs || this.sent.running >= this.slots) return;
    this.queue.releaseRoomOf(next);
    this.start(next);
  }

  private answer(call: Call, kind: number, payload: Buffer): void {
    try {
      if (call.reported?.problem !== undefined) throw call.reported.problem;
      if (kind === FrameKind.noResult)
        throw invalidResult(notTaken(payload.readBigUInt64LE(), this.plugin.maxResultBytes));
      call.succeed(checkResult(payload, this.plugin.portableJson));
    } catch (error) {
      if (!(error instanceof DlrpcError)) throw error;
      this.statistics.errors++;
      call.fail(error.with(this.plugin.identity));
    }
  }

  /** Answers a running call before it is done (E3, E4), and sees to it that it does not go on for long (X7). */
  private stop(call: Call, error: DlrpcError, reason: "timeout" | "cancelled"): void {
    const { worker, hasTable } = this.plugin;
    worker?.readNow(); // its answer may be there, and a later one have begun
    const hasGrace = worker !== undefined && hasTable && call.graceMs > 0;
    if (!hasGrace && !this.isStillThere(call)) return;
    if (!this.sent.has(call) || call.isAnswered) return;
    this.statistics.errors++;
    if (reason === "timeout") this.statistics.timeouts++;
    call.fail(reason === "timeout" ? this.plugin.recorded(call, error) : error);
    if (!hasGrace) return this.endProcess(reason);
    worker.controlBlock.stop(call.number);
    worker.goOn(); // what it waits to hand over is not told any more
    this.allowGrace(call, worker, reason);
  }

  /** While what other calls hand over waits for the host, so may what it returned: then its grace begins anew. */
  private allowGrace(call: Call, worker: WorkerProcess, reason: "timeout" | "cancelled"): void {
    call.stopWithinGrace(() => {
      worker.readNow();
      if (worker.isPaused && this.sent.has(call)) this.allowGrace(call, worker, reason);
      else if (this.isStillThere(call)) this.endProcess(reason);
    });
  }

  /** Whether a call that runs is not done by now. Calls that were sent ahead wait in the queue again. */
  private isStillThere(call: Call): boolean {
    if (this.sent.has(call) && !this.putBackAhead()) this.plugin.worker?.readNow(); // a later one has begun: this one is done
    return this.sent.has(call);
  }

  /** Code cannot be interrupted otherwise. */
  private endProcess(reason: "timeout" | "cancelled"): void {
    this.failSent(() => siblingError(reason, this.lastWords(), this.plugin.crashDetails));
    this.plugin.replaceWorker(reason);
  }

  /** Answers all that were sent. */
  private failSent(error: (call: Call) => DlrpcError): void {
    this.statistics.errors += this.sent.unanswered;
    for (const call of this.sent.all) if (!call.runs) this.queue.releaseRoomOf(call);
    this.sent.fail(error);
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

  /**
   * Takes a call back that was sent ahead and has not begun. One whose turn it is may have begun whatever the control block says,
   * where a plugin can write, too: it is never taken back, so that none runs twice.
   * @returns whether that was possible
   */
  private takeBack(call: Call): boolean {
    if (call.runs || !this.sent.has(call) || this.plugin.worker?.controlBlock.takeBack(call.number) !== true)
      return false;
    this.sent.remove(call);
    this.queue.releaseRoomOf(call);
    return true;
  }

  private async runStep({ run }: Step): Promise<void> {
    this.stepRuns = true;
    await run();
    this.stepRuns = false;
    this.plugin.stepEnded();
    this.pump();
  }
}
