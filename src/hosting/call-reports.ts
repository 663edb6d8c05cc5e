// Owns what a call says before its answer: how far it is, partial results, words for the log (X3 to X6). A plugin says what
// it likes, as often as it likes.

import { StringDecoder } from "node:string_decoder";
import { DlrpcError } from "../../protocol/errors.ts";
import type { ProgressReport } from "../../protocol/messages.ts";
import { DocumentError, excerpt, readDocument } from "../json/document.ts";
import { unportable } from "../json/portable.ts";
import { logLevels } from "../observe/log.ts";
import type { Board, BoardReport } from "../workers/board.ts";
import { LEVEL_BYTES } from "../workers/frames.ts";
import type { CallReply } from "./call.ts";

/** So long after one report of progress comes the next. */
const INTERVAL_MS = 20;

export class CallReports {
  private readonly reply: CallReply;
  private revision: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private outputs = 0;
  /** What is wrong with its partial results: nothing after that is passed on, and it is what the call is answered with. */
  problem: DlrpcError | undefined;

  constructor(reply: CallReply) {
    this.reply = reply;
  }

  /** There is something new on the board: tells it, and whatever comes after it in intervals. */
  progress(board: Board, call: number): void {
    if (this.timer !== undefined) return; // it is looked at anyway
    this.tellProgress(board.report(call));
    this.lookLater(board, call);
  }

  /** The call is done: tells what it said last. */
  lastProgress(board: Board, call: number): void {
    if (this.revision !== undefined) this.tellProgress(board.report(call));
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
      this.problem = invalidOutput(`partial result ${this.outputs} is ${error.message}`, bytes);
    }
  }

  /** @returns whether it is of the form that a worker gives it */
  said(payload: Buffer): boolean {
    if (payload.length < LEVEL_BYTES) return false;
    const number = Math.max(payload.readUInt32LE(), 1);
    this.reply.said(
      logLevels[Math.min(number, logLevels.length) - 1] ?? "debug",
      textOf(payload.subarray(LEVEL_BYTES)),
    );
    return true;
  }

  /** The board may be gone from now on. */
  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private lookLater(board: Board, call: number): void {
    this.timer = setTimeout(() => this.lookAgain(board, call), INTERVAL_MS).unref();
  }

  private lookAgain(board: Board, call: number): void {
    this.timer = undefined;
    if (this.isNew(board.report(call))) return this.progress(board, call);
    board.heed(call);
    if (this.isNew(board.report(call))) this.progress(board, call); // it came before the worker saw that
  }

  private isNew(report: BoardReport | undefined): boolean {
    return report === undefined || report.revision !== this.revision;
  }

  private tellProgress(report: BoardReport | undefined): void {
    if (report === undefined || !this.isNew(report)) return;
    if (this.reply.progress(progressOf(report))) this.revision = report.revision;
  }
}

function progressOf({ done, total, message }: BoardReport): ProgressReport {
  const text = textOf(message);
  const isMeasured = Number.isFinite(done);
  const isOfKnown = isMeasured && Number.isFinite(total) && total > 0;
  return {
    ...(isOfKnown && { percentage: Math.floor(Math.min(Math.max(done / total, 0), 1) * 100) }),
    ...(text !== "" && { message: text }),
    ...(isMeasured && { done }),
    ...(isOfKnown && { total }),
  };
}

/** A text that was cut may end inside a character. */
function textOf(bytes: Buffer): string {
  return new StringDecoder("utf8").write(bytes);
}

function invalidOutput(problem: string, bytes: Buffer): DlrpcError {
  return new DlrpcError("INVALID_RESULT", `The plugin handed over an invalid partial result: ${problem}`, {
    problem,
    ...(bytes.length > 0 && { excerpt: excerpt(bytes) }),
  });
}
