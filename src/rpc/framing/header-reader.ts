// Owns header framing: Content-Length, an empty line, that many bytes (W1), and finding back after an error (W5).

import { LARGE_BYTES } from "../../../protocol/raw.ts";
import { allocate } from "../../ffi/large-memory.ts";
import { badFrame, type FrameReader, messageTooLarge, ReaderBase } from "./frame-reader.ts";
import { HeaderBlock } from "./header-block.ts";
import { LengthFinder } from "./length-finder.ts";

const HEADER_LIMIT = 8 * 1024;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const ZERO = 0x30;
const NINE = 0x39;

/**
 * Whether it may stand between messages without meaning anything: white space, and the bytes of a byte order mark
 * (EF BB BF), which can begin neither a header nor a JSON text (W3, W5).
 */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0xef || byte === 0xbb || byte === 0xbf;
}

/** What the next byte belongs to. */
type State =
  | { at: "header"; block: HeaderBlock }
  | { at: "body"; body: Buffer; filled: number }
  | { at: "oversize"; left: number }
  | { at: "lost"; finder: LengthFinder };

export class HeaderReader extends ReaderBase implements FrameReader {
  private state: State = { at: "header", block: new HeaderBlock() };
  /** The bytes of the header block so far; `lineStart` is where its last, unfinished line begins. */
  private readonly header = Buffer.alloc(HEADER_LIMIT);
  private headerLength = 0;
  private lineStart = 0;

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      switch (this.state.at) {
        case "header":
          at =
            this.headerLength === 0
              ? this.readWhole(this.state.block, chunk, at)
              : this.readHeader(this.state.block, chunk, at);
          break;
        case "body":
          at = this.readBody(this.state, chunk, at);
          break;
        case "oversize": {
          const skipped = Math.min(this.state.left, chunk.length - at);
          this.state.left -= skipped;
          at += skipped;
          if (this.state.left === 0) this.beginHeader(new HeaderBlock());
          break;
        }
        case "lost":
          at = this.find(this.state.finder, chunk, at);
          break;
      }
    }
  }

  get isInMessage(): boolean {
    return this.state.at === "body";
  }

  room(): Buffer | undefined {
    if (this.state.at !== "body") return undefined;
    const rest = this.state.body.subarray(this.state.filled);
    return rest.length >= LARGE_BYTES ? rest : undefined;
  }

  filled(bytes: number): void {
    if (this.state.at === "body") this.advance(this.state, bytes);
  }

  end(): void {
    if (this.state.at === "body") {
      const { filled, body } = this.state;
      this.events.broken(badFrame(`the input ended after ${filled} of ${body.length} bytes of a message`));
    } else if (this.state.at === "oversize") {
      this.events.broken(badFrame(`the input ended ${this.state.left} bytes before the end of a message`));
    } else if (this.state.at === "header" && !this.isBetweenMessages(this.state.block)) {
      this.events.broken(badFrame("the input ended inside a header"));
    }
  }

  private isBetweenMessages(block: HeaderBlock): boolean {
    return block.isEmpty && this.header.subarray(0, this.headerLength).every(isBlank);
  }

  private beginHeader(block: HeaderBlock): void {
    this.state = { at: "header", block };
    this.headerLength = 0;
    this.lineStart = 0;
  }

  /** Takes a whole message at once where its header is as nearly every host writes it, else begins with its header. */
  private readWhole(block: HeaderBlock, chunk: Buffer, from: number): number {
    const end = plainHeaderEnd(chunk, from);
    const length = end === 0 ? 0 : plainLength(chunk, from);
    if (length === 0 || length >= LARGE_BYTES || length > this.maxMessageBytes || !block.isEmpty) {
      return this.readHeader(block, chunk, from);
    }
    if (end + length > chunk.length) {
      this.state = { at: "body", body: memoryFor(length), filled: 0 };
      return end;
    }
    this.events.message(chunk, end, end + length);
    return end + length;
  }

  /** Takes bytes up to the end of a line, or all. @returns where to go on */
  private readHeader(block: HeaderBlock, chunk: Buffer, from: number): number {
    const newline = chunk.indexOf(NEWLINE, from);
    const end = newline < 0 ? chunk.length : newline + 1;
    const taken = chunk.copy(this.header, this.headerLength, from, end);
    this.headerLength += taken;
    if (taken < end - from) {
      this.lose(`a header block of over ${HEADER_LIMIT} bytes`, this.lineStart);
    } else if (newline >= 0) {
      this.readHeaderLine(block, this.header.subarray(this.lineStart, this.headerLength));
    }
    return from + taken;
  }

  private readHeaderLine(block: HeaderBlock, rawLine: Buffer): void {
    const line = withoutLineEnd(rawLine);
    if (block.isEmpty && line.every(isBlank)) {
      this.beginHeader(block); // a blank line between messages is no error
    } else if (line.length > 0) {
      const problem = block.add(line.toString("latin1"));
      if (problem !== undefined) return this.lose(problem, this.lineStart);
      this.lineStart = this.headerLength;
    } else {
      this.endHeader(block);
    }
  }

  private endHeader(block: HeaderBlock): void {
    const problem = block.problem();
    // Where no line gives a length, one may still have it behind bytes that belong to no message; look again.
    if (problem !== undefined) return this.lose(problem, block.hasLength ? this.headerLength : 0);
    const { length } = block;
    if (!Number.isSafeInteger(length)) {
      this.state = { at: "lost", finder: new LengthFinder() }; // nobody can send that much, so something else follows
      this.events.broken(messageTooLarge(this.maxMessageBytes));
    } else if (length > this.maxMessageBytes) {
      this.state = { at: "oversize", left: length };
      this.events.broken(messageTooLarge(this.maxMessageBytes, length));
    } else if (length === 0) {
      this.beginHeader(new HeaderBlock());
      this.events.message(Buffer.alloc(0), 0, 0);
    } else {
      this.state = { at: "body", body: memoryFor(length), filled: 0 };
    }
  }

  private readBody(state: { body: Buffer; filled: number }, chunk: Buffer, from: number): number {
    const taken = chunk.copy(state.body, state.filled, from);
    this.advance(state, taken);
    return from + taken;
  }

  private advance(state: { body: Buffer; filled: number }, bytes: number): void {
    state.filled += bytes;
    if (state.filled < state.body.length) return;
    this.beginHeader(new HeaderBlock());
    this.events.message(state.body, 0, state.body.length);
  }

  /** Synchronism is lost: answered once, then everything is skipped up to what can only be a header. */
  private lose(problem: string, lookAgainFrom: number): void {
    const again = Buffer.from(this.header.subarray(lookAgainFrom, this.headerLength));
    this.events.broken(badFrame(problem));
    this.state = { at: "lost", finder: new LengthFinder() };
    this.headerLength = 0;
    this.push(again);
  }

  private find(finder: LengthFinder, chunk: Buffer, from: number): number {
    const { end, header } = finder.push(chunk, from);
    if (header !== undefined) {
      const block = new HeaderBlock();
      block.add(header);
      this.beginHeader(block);
    }
    return end;
  }
}

function memoryFor(length: number): Buffer {
  return length < LARGE_BYTES ? Buffer.allocUnsafe(length) : allocate(length);
}

const PLAIN_HEADER = Buffer.from("Content-Length: ");
const PLAIN_END = Buffer.from("\r\n\r\n");
/** A length of more digits is no safe integer; it is for the block to judge. */
const MOST_DIGITS = 9;

/** @returns where the body begins behind a header that has this one field in its plainest form; else 0 */
function plainHeaderEnd(chunk: Buffer, from: number): number {
  if (!hasAt(chunk, from, PLAIN_HEADER)) return 0;
  const digits = from + PLAIN_HEADER.length;
  let at = digits;
  while (isDigit(chunk[at])) at++;
  if (at === digits || at - digits > MOST_DIGITS || !hasAt(chunk, at, PLAIN_END)) return 0;
  return at + PLAIN_END.length;
}

/** The length in such a header. */
function plainLength(chunk: Buffer, from: number): number {
  let length = 0;
  for (let at = from + PLAIN_HEADER.length; isDigit(chunk[at]); at++)
    length = length * 10 + (chunk[at] as number) - ZERO;
  return length;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function hasAt(chunk: Buffer, at: number, wanted: Buffer): boolean {
  for (let i = 0; i < wanted.length; i++) if (chunk[at + i] !== wanted[i]) return false;
  return true;
}

function withoutLineEnd(line: Buffer): Buffer {
  const end = line.length - 1;
  return line.subarray(0, line[end - 1] === CARRIAGE_RETURN ? end - 1 : end);
}
