// Owns the calls of one plugin: which wait, which run, which are pipelined, and how each of them ends (E2 to E4, E7 to E9).

import { FrameKind, NO_RESULT_BYTES, Wanted } from "../../native/frames/frames.ts";
import { DlrpcError } from "../../protocol/errors.ts";
import type { Statistics } from "../observe/statistics.ts";
import { boundYoungGeneration } from "../observe/young-generation.ts";
import { Deferred, inBackground } from "../platform/both-halves/promises.ts";
import { noTails, type OutputTails, type WorkerEnd } from "../workers/worker-listener.ts";
import type { WorkerProcess } from "../workers/worker-process.ts";
import type { FlowControl } from "./back-pressure.ts";
import type { Call } from "./call.ts";
import { crashError, notTaken, quarantineError, siblingError, timeoutError } from "./call-errors.ts";
import type { CallQueue, Step } from "./call-queue.ts";
import { type Code, Executor, type ExecutorOptions, type ExecutorUser, type Running } from "./executor/executor.ts";
import { type CheckedResult, checkResult, invalidResult, type ResultRules } from "./result.ts";
import { SentCalls } from "./sent-calls.ts";
import { StartGate } from "./start-gate.ts";

type Requests = "confine" | "load" | "serve" | "execute" | "executeShared";
type Answers = "hello" | "loaded" | "failed" | "result" | "resultShared" | "noResult";
/** What a worker says of a call before its answer. */
type Report = (typeof FrameKind)[Exclude<keyof typeof FrameKind, Requests | Answers>];

const WANTED_FOR: Readonly<Record<number, number>> = {
  [FrameKind.progress]: Wanted.wantsProgress,
  [FrameKind.output]: Wanted.wantsOutput,
  [FrameKind.said]: Wanted.wantsLog,
} satisfies Record<Report, number>;

export interface DispatcherOptions extends ExecutorOptions {
  readonly queue: CallQueue;
  readonly rules: ResultRules;
  readonly flow: FlowControl;
  /** Keeps a call that fails by its own doing, where that is wanted. @returns the error to tell */
  recorded(call: Call, error: DlrpcError): DlrpcError;
}

export class Dispatcher implements ExecutorUser {
  readonly executor: Executor;
  private readonly gate: StartGate;
  private readonly queue: CallQueue;
  private readonly statistics: Statistics;
  private readonly options: DispatcherOptions;
  private readonly sent = new SentCalls();

  /** @param running the first worker, of which nothing is heard before the executor is told that it serves */
  constructor(code: Code, running: Running, options: DispatcherOptions) {
    this.options = options;
    this.queue = options.queue;
    this.statistics = options.statistics;
    this.executor = new Executor(code, running, options, this);
    this.gate = new StartGate(this.executor, this.sent, options.flow.calls, () => this.pump());
  }

  get running(): number {
    return this.sent.running;
  }

  /** How many calls wait, wherever that is. */
  get waiting(): number {
    return this.queue.length + this.sent.size - this.sent.running;
  }

  /** The request that something the plugin did belongs to, where there can be no doubt. */
  get soleRequest(): string | undefined {
    const { first, running } = this.sent;
    return running === 1 && first?.isAnswered === false ? first.requestId : undefined;
  }

  /** Queues a call, or refuses it (E6, E7): either way it gets its one answer. */
  execute(call: Call): void {
    const isFirst = this.queue.first === undefined && this.gate.isFree;
    if (isFirst && this.gate.obstacle(call) === undefined) return this.send(call);
    try {
      this.queue.addCall(call, this.sent.size - this.sent.running);
    } catch (error) {
      if (!(error instanceof DlrpcError)) throw error;
      return call.fail(error.with(this.executor.identity));
    }
    this.pump();
  }

  /** Ends a call because its host asked for that (E4); one that has its answer is left alone. */
  cancel(call: Call): void {
    const error = new DlrpcError("REQUEST_CANCELLED", "The call was cancelled", this.executor.identity);
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

  /** Calls whose turn it was fail, the others wait for the next worker. */
  crashed(end: WorkerEnd): void {
    for (const call of this.sent.all.toReversed()) if (this.takeBack(call)) this.queue.putBack(call);
    const { crashDetails } = this.executor;
    this.failSent((call) => this.options.recorded(call, crashError("while a call ran", end, crashDetails)));
  }

  /** Starts whatever may start now, in order of arrival. */
  pump(): void {
    this.startNext();
    for (let entry = this.queue.first; entry !== undefined; entry = this.queue.first) {
      const obstacle = this.gate.obstacle(entry);
      if (obstacle !== undefined && obstacle !== "quarantined") return;
      this.queue.shift();
      if (entry.type === "step") inBackground(this.runStep(entry));
      else if (obstacle === undefined) this.send(entry);
      else entry.fail(quarantineError(this.executor.identity));
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
    const { worker } = this.executor;
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
    const { worker, hasTable } = this.executor.ready;
    if (!hasTable) return false;
    const unwanted = call.isAnswered || (call.wanted & (WANTED_FOR[kind] ?? 0)) === 0;
    if (unwanted) return WANTED_FOR[kind] !== undefined;
    const reports = call.reportsIn(worker.controlBlock);
    switch (kind) {
      case FrameKind.progress:
        reports.progress();
        return true;
      case FrameKind.output:
        reports.output(payload, this.options.rules.portable);
        if (!this.options.flow.streams.passes(this.goOn)) worker.pause();
        return true;
      case FrameKind.said:
        return reports.said(payload);
      default:
        return false;
    }
  }

  private readonly goOn = (): void => this.executor.worker?.goOn();

  private send(call: Call): void {
    const { worker, hasTable } = this.executor.ready;
    const runs = this.gate.hasTurn;
    this.sent.add(call);
    if (hasTable) worker.controlBlock.setFlags(call.number, call.wanted, call.timeoutMs);
    worker.controlBlock.send(call.number);
    if (runs) this.start(call);
    else this.queue.keepRoomFor(call);
    worker.send(FrameKind.execute, call.number, call.context.pieces);
  }

  private start(call: Call): void {
    this.statistics.calls++;
    boundYoungGeneration(this.queue.budget.calls);
    if (this.sent.running === 0) this.executor.worker?.callsBegin();
    this.sent.running++;
    call.start(this.onDeadline);
  }

  private readonly onDeadline = (call: Call): void => {
    this.stop(call, timeoutError(call.timeoutMs, this.outputTails(), this.executor.identity), "timeout");
  };

  private outputTails(): OutputTails {
    return this.executor.worker?.outputTails() ?? noTails;
  }

  /** Of the calls that are pipelined, it is the next one's turn. */
  private startNext(): void {
    const next = this.sent.first;
    if (next === undefined || next.runs || !this.gate.hasTurn) return;
    this.queue.releaseRoomOf(next);
    this.start(next);
  }

  private answer(call: Call, kind: number, payload: Buffer): void {
    const outcome = this.outcomeOf(call, kind, payload);
    if (!(outcome instanceof DlrpcError)) return call.succeed(outcome);
    this.statistics.errors++;
    call.fail(outcome.with(this.executor.identity));
  }

  private outcomeOf(call: Call, kind: number, payload: Buffer): CheckedResult | DlrpcError {
    const { maxBytes, portable } = this.options.rules;
    if (call.reported?.problem !== undefined) return call.reported.problem;
    if (kind === FrameKind.noResult) return invalidResult(notTaken(payload.readBigUInt64LE(), maxBytes));
    try {
      return checkResult(payload, portable);
    } catch (error) {
      if (error instanceof DlrpcError) return error;
      throw error;
    }
  }

  /** Answers a running call before it is done (E3, E4), and sees to it that it does not go on for long (X7). */
  private stop(call: Call, error: DlrpcError, reason: "timeout" | "cancelled"): void {
    const { worker } = this.executor;
    worker?.readNow(); // its answer may be there, and a later one have begun
    const { state } = this.executor;
    const hasGrace = state.name === "ready" && state.hasTable && call.graceMs > 0;
    if (!hasGrace && !this.isStillThere(call)) return;
    if (!this.sent.has(call) || call.isAnswered) return;
    this.statistics.errors++;
    if (reason === "timeout") this.statistics.timeouts++;
    call.fail(reason === "timeout" ? this.options.recorded(call, error) : error);
    if (!hasGrace) return this.endProcess(reason);
    state.worker.controlBlock.stop(call.number);
    state.worker.goOn(); // what it waits to hand over is not told any more
    this.allowGrace(call, state.worker, reason);
  }

  /** While what other calls hand over waits for the host, so may what it returned: then its grace begins anew. */
  private allowGrace(call: Call, worker: WorkerProcess, reason: "timeout" | "cancelled"): void {
    call.stopWithinGrace(() => {
      worker.readNow();
      if (worker.isPaused && this.sent.has(call)) this.allowGrace(call, worker, reason);
      else if (this.isStillThere(call)) this.endProcess(reason);
    });
  }

  /** Whether a call that runs is not done by now. Calls that are pipelined wait in the queue again. */
  private isStillThere(call: Call): boolean {
    if (this.sent.has(call) && !this.putBackPipelined()) this.executor.worker?.readNow(); // a later one has begun: this one is done
    return this.sent.has(call);
  }

  /** Code cannot be interrupted otherwise. */
  private endProcess(reason: "timeout" | "cancelled"): void {
    this.failSent(() => siblingError(reason, this.outputTails(), this.executor.crashDetails));
    this.executor.replaceWorker(reason);
  }

  /** Answers all that were sent. */
  private failSent(error: (call: Call) => DlrpcError): void {
    this.statistics.errors += this.sent.unanswered;
    for (const call of this.sent.all) if (!call.runs) this.queue.releaseRoomOf(call);
    this.sent.fail(error);
  }

  /** Lets calls that are pipelined wait in the queue again. @returns whether that was possible for all */
  private putBackPipelined(): boolean {
    for (const call of this.sent.all.toReversed()) {
      if (call.runs) return true;
      if (!this.takeBack(call)) return false;
      this.queue.putBack(call);
    }
    return true;
  }

  /**
   * Takes a call back that is pipelined and has not begun. One whose turn it is may have begun whatever the control block
   * says, where a plugin can write, too: it is never taken back, so that none runs twice.
   * @returns whether that was possible
   */
  private takeBack(call: Call): boolean {
    if (call.runs || !this.sent.has(call) || this.executor.worker?.controlBlock.takeBack(call.number) !== true)
      return false;
    this.sent.remove(call);
    this.queue.releaseRoomOf(call);
    return true;
  }

  private async runStep({ run }: Step): Promise<void> {
    this.gate.isStepping = true;
    await run();
    this.gate.isStepping = false;
    this.pump();
  }
}
