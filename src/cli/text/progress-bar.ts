// The bar that shows a person how far a call is (`dlrpc exec`), at the bottom of what else is printed.

import type { OutputStream, ProgressReport } from "../../../protocol/messages.ts";
import { VisibleStream } from "../../base/visible.ts";
import { passOn, tell, writeError } from "./output.ts";
import { isTerminal, obeys, STDERR } from "./terminal.ts";

const LINE_FEED = 0x0a;
const BAR_WIDTH = 24;
const ERASE_LINE = "\r\x1b[K";
/** The terminal itself cuts off what is too long for it: it knows its width, and that of each character. */
const CUT_OFF = "\x1b[?7l";
const WRAP = "\x1b[?7h";
const MOST_MESSAGE = 200;

const numbers = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

export class ProgressBar {
  /** Whether there is somebody to see it. */
  readonly isWanted = obeys(STDERR);
  private report: ProgressReport | undefined;
  private isDrawn = false;
  private isLineOpen = false;
  /** What the plugin prints, as a terminal may have it. */
  private readonly streams = { stdout: new VisibleStream(), stderr: new VisibleStream() };

  show(report: ProgressReport): void {
    this.report = report;
    this.draw();
  }

  /** Prints something where the bar is, and the bar below it again. */
  above(print: () => void): void {
    this.erase();
    print();
    this.draw();
  }

  /** The same for what a plugin prints, of which there may be a part: no bar is drawn until its line is ended. */
  printed(stream: OutputStream, bytes: Buffer): void {
    this.passOn(isTerminal(STDERR) ? Buffer.from(this.streams[stream].write(bytes)) : bytes);
  }

  /** The same for a line that a plugin has a part in. */
  said(line: string): void {
    this.isLineOpen = false;
    this.above(() => tell(line));
  }

  private passOn(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.isLineOpen = bytes.at(-1) !== LINE_FEED;
    this.above(() => passOn(bytes));
  }

  /** What comes next begins on a line of its own, for people; what a program reads has nothing added. */
  end(): void {
    this.erase();
    this.report = undefined;
    if (this.isLineOpen && isTerminal(STDERR)) passOn(Buffer.from("\n"));
    this.isLineOpen = false;
  }

  /** Nothing more comes: what is only half of a character is shown as that. */
  close(): void {
    for (const stream of Object.values(this.streams)) this.passOn(Buffer.from(stream.end()));
    this.end();
  }

  private draw(): void {
    if (!this.isWanted || this.report === undefined || this.isLineOpen) return;
    writeError(Buffer.from(`${ERASE_LINE}${CUT_OFF}${describe(this.report)}${WRAP}`));
    this.isDrawn = true;
  }

  private erase(): void {
    if (this.isDrawn) writeError(Buffer.from(ERASE_LINE));
    this.isDrawn = false;
  }
}

/** `[======            ]  25 %  3/12  message`, of which there is what was reported. */
function describe({ percentage, done, total, message }: ProgressReport): string {
  return [
    ...(percentage === undefined ? [] : [bar(percentage)]),
    ...(done === undefined ? [] : [[done, ...(total === undefined ? [] : [total])].map(numbers.format).join("/")]),
    ...(message === undefined ? [] : [shown(message)]),
  ].join("  ");
}

function bar(percentage: number): string {
  const filled = Math.round((percentage / 100) * BAR_WIDTH);
  return `[${"=".repeat(filled).padEnd(BAR_WIDTH)}] ${String(percentage).padStart(3)} %`;
}

/** Nothing in it moves the cursor. */
function shown(message: string): string {
  return message.slice(0, MOST_MESSAGE).replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, " ");
}
