// Owns what a call says before its answer: how far it is, partial results, words for the log (X3 to X6). A plugin says what
// it likes, as often as it likes.

import { LEVEL_BYTES, LONGEST_TEXT } from "../../native/frames/frames.ts";
import type { DlrpcError } from "../../protocol/errors.ts";
import type { ProgressReport } from "../../protocol/messages.ts";
import { DocumentError, readDocument } from "../json/document.ts";
import { unportable } from "../json/portable.ts";
import { logLevels } from "../observe/log.ts";
import type { ControlBlock, ControlBlockReport } from "../workers/control-block.ts";
import { cutText } from "../workers/crash/cut-text.ts";
import type { CallReply } from "./call.ts";
import { invalidResult } from "./result.ts";

/** So long after one report of progress comes the next. */
const INTERVAL_MS = 20;

const INVALID_OUTPUT = "The plugin handed over an invalid partial result";

export class CallReports {
  private readonly reply: CallReply;
  private readonly controlBlock: ControlBlock;
  private readonly call: number;
  /** Of what was told last. */
  private revision: number | undefined;
  private next: Look | undefined;
  private outputs = 0;
  /** What is wrong with its partial results: nothing after that is passed on, and it is what the call is answered with. */
  problem: DlrpcError | undefined;

  /**
   * @param controlBlock that of the worker that runs it
   * @param call its number there
   */
  constructor(reply: CallReply, controlBlock: ControlBlock, call: number) {
    this.reply = reply;
    this.controlBlock = controlBlock;
    this.call = call;
  }

  /** There is something new in the control block: tells it, and whatever comes after it in intervals. */
  progress(): void {
    if (this.next !== undefined) return; // it is looked at anyway
    if (!this.reply.isBehind()) this.tellProgress();
    this.next = lookLater(() => this.lookAgain());
  }

  /** @param bytes as the plugin wrote them; what is made of them is valid as long */
  output(bytes: Buffer, portable: boolean): void {
    if (this.problem !== undefined) return;
    this.outputs++;
    try {
      const value = readDocument(bytes);
      const problem = portable ? unportable(value.bytes) : undefined;
      if (problem !== undefined) throw new DocumentError(`not portable (--portable-json): ${problem}`);
      this.reply.output(value);
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      this.problem = invalidResult(`partial result ${this.outputs} is ${error.message}`, bytes, INVALID_OUTPUT);
    }
  }

  /** @returns whether it is of the form that a worker gives it */
  said(payload: Buffer): boolean {
    if (payload.length < LEVEL_BYTES || payload.length > LEVEL_BYTES + LONGEST_TEXT) return false;
    const number = Math.max(payload.readUInt32LE(), 1);
    this.reply.said(
      logLevels[Math.min(number, logLevels.length) - 1] ?? "debug",
      cutText(payload.subarray(LEVEL_BYTES), LONGEST_TEXT),
    );
    return true;
  }

  /** Its answer comes next: tells what it reported last. The control block may be gone from then on. */
  end(): void {
    if (this.next === undefined) return;
    looks.delete(this.next);
    this.next = undefined;
    if (this.hasNews) this.tellProgress();
  }

  private get hasNews(): boolean {
    return this.controlBlock.revision(this.call) !== this.revision;
  }

  private lookAgain(): void {
    this.next = undefined;
    if (this.hasNews) return this.progress();
    this.controlBlock.heed(this.call);
    if (this.hasNews) this.progress(); // it came before the worker saw that
  }

  /** Where it is being written there will be another look. */
  private tellProgress(): void {
    const report = this.controlBlock.report(this.call);
    if (report === undefined) return;
    this.revision = report.revision;
    this.reply.progress(progressOf(report));
  }
}

/** What is to be looked at when, in the order of the times: one timer is for all. */
interface Look {
  readonly at: number;
  readonly look: () => void;
}

const looks = new Set<Look>();
let isTimed = false;

function lookLater(look: () => void): Look {
  const added = { at: performance.now() + INTERVAL_MS, look };
  looks.add(added);
  if (!isTimed) lookIn(INTERVAL_MS);
  return added;
}

function lookIn(ms: number): void {
  isTimed = true;
  setTimeout(lookNow, ms).unref();
}

function lookNow(): void {
  isTimed = false;
  const now = performance.now();
  for (const due of looks) {
    if (due.at > now) break;
    looks.delete(due);
    due.look(); // which may add it again, for later
  }
  const [next] = looks;
  if (next !== undefined && !isTimed) lookIn(Math.max(0, next.at - now));
}

function progressOf({ done, total, message }: ControlBlockReport): ProgressReport {
  const report: ProgressReport = {};
  const isMeasured = Number.isFinite(done);
  const isOfKnown = isMeasured && Number.isFinite(total) && total > 0;
  if (isOfKnown) report.percentage = Math.floor(Math.min(Math.max((100 * done) / total, 0), 100));
  if (message !== "") report.message = message;
  if (isMeasured) report.done = done;
  if (isOfKnown) report.total = total;
  return report;
}
