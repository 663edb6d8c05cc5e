// Cutting a server's output into messages, as a tolerant client does: transcripts look at the bytes of a frame.

import { messageOf } from "../../base/failures.ts";
import { JsonValue } from "../checks/json-value.ts";

const NEWLINE = 0x0a;
const SMALLEST = 64 * 1024;

/** One message of the server, or bytes that are none. */
export interface Received {
  /** Header and body, or the line with its end. */
  readonly frame: Buffer;
  readonly body: Buffer;
  readonly json: JsonValue | undefined;
  /** Why it is no message. */
  readonly problem?: string;
}

export class OutputReader {
  private readonly framing: "lines" | "headers";
  private readonly onMessage: (message: Received) => void;
  private bytes = Buffer.alloc(0);
  private length = 0;
  /** Where to look on for the end of a line. */
  private searched = 0;
  private isLost = false;

  constructor(framing: "lines" | "headers", onMessage: (message: Received) => void) {
    this.framing = framing;
    this.onMessage = onMessage;
  }

  push(chunk: Buffer): void {
    if (this.isLost) return;
    this.append(chunk);
    while (!this.isLost && (this.framing === "lines" ? this.readLine() : this.readFrame())) {
      // one message after the other
    }
  }

  /** The output has ended: what is left is no message. */
  end(): void {
    if (this.length > 0) this.lose("the output ends inside a message");
  }

  private append(chunk: Buffer): void {
    const needed = this.length + chunk.length;
    if (needed > this.bytes.length) {
      const larger = Buffer.alloc(Math.max(needed, this.bytes.length * 2, SMALLEST));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    chunk.copy(this.bytes, this.length);
    this.length = needed;
  }

  private readLine(): boolean {
    const end = this.bytes.subarray(0, this.length).indexOf(NEWLINE, this.searched);
    this.searched = end < 0 ? this.length : 0;
    if (end < 0) return false;
    const frame = this.take(end + 1);
    this.report(frame, frame.subarray(0, end));
    return true;
  }

  private readFrame(): boolean {
    const available = this.bytes.subarray(0, this.length);
    const header = /^(?:[^\r\n]+\r?\n)*?\r?\n/.exec(available.subarray(0, 8192).toString("latin1"))?.[0];
    if (header === undefined) {
      return available.length >= 8192 && this.lose("no header ends within 8192 bytes");
    }
    const length = /^content-length:[ \t]*([0-9]+)[ \t]*\r?$/im.exec(header)?.[1];
    if (length === undefined) return this.lose("a header without Content-Length");
    const total = header.length + Number(length);
    if (available.length < total) return false;
    const frame = this.take(total);
    this.report(frame, frame.subarray(header.length));
    return true;
  }

  private take(count: number): Buffer {
    const taken = Buffer.from(this.bytes.subarray(0, count));
    this.bytes.copyWithin(0, count, this.length);
    this.length -= count;
    return taken;
  }

  /** Nothing behind this can be understood. */
  private lose(problem: string): false {
    this.isLost = true;
    const frame = this.take(this.length);
    this.onMessage({ frame, body: frame, json: undefined, problem });
    return false;
  }

  private report(frame: Buffer, body: Buffer): void {
    try {
      this.onMessage({ frame, body, json: JsonValue.read(body) });
    } catch (error) {
      const problem = messageOf(error);
      this.onMessage({ frame, body, json: undefined, problem: `not JSON: ${problem}` });
    }
  }
}
