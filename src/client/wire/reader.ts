// Reading the program's messages (header framing, W7), and the end of them, which comes in order like a message.

import type { Readable } from "node:stream";
import {
  AbstractMessageReader,
  type DataCallback,
  type Disposable,
  type NotificationMessage,
} from "vscode-jsonrpc/node";

/** dlrpc writes exactly this (W7), so that anything else is known for what it is by its first bytes. */
const HEADER = /^Content-Length: (\d{1,15})\r\n\r\n/;
const HEADER_START = "Content-Length: ";
const HEADER_LIMIT = HEADER_START.length + 15 + 4;
const EXCERPT_LENGTH = 60;

/** Stands behind the last message that the program wrote. It is never on the wire. */
export const END_OF_MESSAGES = "$/endOfMessages";

/**
 * In the place of vscode-jsonrpc's own reader, which decodes a message some time after its bytes came: when a program
 * ends right after it has answered, nobody can tell when the last answer has been seen.
 */
export class ProgramReader extends AbstractMessageReader {
  private readonly stream: Readable;
  private readonly onBroken: (problem: string) => void;
  private chunks: Buffer[] = [];
  private length = 0;
  /** How long the body is whose header has been read. */
  private bodyLength: number | undefined;

  /** @param onBroken is told once what is wrong when the stream is not the protocol, to end the sentence "dlrpc …" */
  constructor(stream: Readable, onBroken: (problem: string) => void) {
    super();
    this.stream = stream;
    this.onBroken = onBroken;
  }

  override listen(callback: DataCallback): Disposable {
    const read = (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.length += chunk.length;
      try {
        for (let body = this.nextBody(); body !== undefined; body = this.nextBody()) callback(JSON.parse(body));
      } catch (error) {
        this.stream.off("data", read).resume();
        this.onBroken(`wrote ${error instanceof Error ? error.message : error}`);
      }
    };
    const end: NotificationMessage = { jsonrpc: "2.0", method: END_OF_MESSAGES };
    this.stream.on("data", read).once("close", () => callback(end));
    return { dispose: () => this.stream.off("data", read) };
  }

  private nextBody(): string | undefined {
    this.bodyLength ??= this.readHeader();
    if (this.bodyLength === undefined || this.length < this.bodyLength) return undefined;
    const body = this.take(this.bodyLength).toString("utf8");
    this.bodyLength = undefined;
    return body;
  }

  /** @returns the length of the body that follows, or undefined while the header is not all there */
  private readHeader(): number | undefined {
    const start = this.join().toString("latin1", 0, HEADER_LIMIT);
    const [header, length] = HEADER.exec(start) ?? [];
    if (header !== undefined) {
      this.take(header.length);
      return Number(length);
    }
    const mayBecomeOne = start.length < HEADER_LIMIT && HEADER_START.startsWith(start.slice(0, HEADER_START.length));
    if (mayBecomeOne) return undefined;
    const excerpt = this.join().toString("utf8", 0, EXCERPT_LENGTH);
    throw new Error(`${JSON.stringify(excerpt)} where a message is due`);
  }

  private take(length: number): Buffer {
    const bytes = this.join();
    const rest = bytes.subarray(length);
    this.chunks = rest.length > 0 ? [rest] : [];
    this.length = rest.length;
    return bytes.subarray(0, length);
  }

  /** Chunks are joined only when all of them are needed: a message in many chunks costs no more than one in few. */
  private join(): Buffer {
    const [first = Buffer.alloc(0), second] = this.chunks;
    if (second === undefined) return first;
    const joined = Buffer.concat(this.chunks);
    this.chunks = [joined];
    return joined;
  }
}
