// Owns what is shown of a call on the command line while it runs.

import { Wanted } from "../../../../native/frames/frames.ts";
import { DlrpcError } from "../../../../protocol/errors.ts";
import type { LogLevel, ProgressReport } from "../../../../protocol/messages.ts";
import type { RawJson } from "../../../../protocol/raw.ts";
import type { CallReply } from "../../../calls/call.ts";
import type { ProgressBar } from "../../text/progress-bar.ts";
import { printPartial } from "./result.ts";

export class ShownCall implements CallReply {
  readonly requestId = "null";
  readonly wanted: number;
  /** What the call ends with, or why its partial results cannot be printed. */
  readonly settled: Promise<RawJson>;
  private readonly bar: ProgressBar;
  private readonly ending = Promise.withResolvers<RawJson>();

  constructor(bar: ProgressBar, streams: boolean) {
    const { wantsProgress, wantsOutput, wantsLog } = Wanted;
    this.bar = bar;
    this.wanted = wantsLog | (bar.isWanted ? wantsProgress : 0) | (streams ? wantsOutput : 0);
    this.settled = this.ending.promise;
  }

  started(): void {}

  isBehind(): boolean {
    return false; // it is written at once
  }

  progress(report: ProgressReport): void {
    this.bar.show(report);
  }

  output(value: RawJson): void {
    try {
      this.bar.above(() => printPartial(value));
    } catch (error) {
      this.ending.reject(error); // nobody reads it any more
    }
  }

  said(level: LogLevel, text: string): void {
    this.bar.said(`${level}: ${text}`);
  }

  result(result: RawJson): void {
    this.bar.end();
    this.ending.resolve(result.kept());
  }

  error(error: DlrpcError): void {
    this.bar.end();
    this.ending.reject(withoutTails(error));
  }
}

/** What the plugin wrote has been shown already, as it came. The error as a host has it is the cause. */
export function withoutTails(error: DlrpcError): DlrpcError {
  const { kind, message, details } = error;
  const shown = new DlrpcError(kind, message, { ...details, stderrTail: "", stdoutTail: "" });
  return Object.assign(shown, { cause: error });
}
