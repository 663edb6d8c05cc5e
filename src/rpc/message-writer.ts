// Owns the way out: the one writer of the protocol's stream, with back-pressure (W7).

import { outgoingOf } from "#platform/streams/outgoing";
import { LARGE_BYTES } from "../../protocol/raw.ts";
import { BatchWriter } from "../platform/both-halves/batch-writer.ts";
import { Deferred } from "../platform/both-halves/promises.ts";
import { lengthOf, type OutgoingMessage, putOnOneLine } from "./response.ts";

const BATCH_BYTES = 4 * LARGE_BYTES;
/** What frames a message takes at most so many bytes. */
const MOST_FRAMING = 64;
/** A reader that has less than this to catch up on is only being slow. */
const BEHIND_BYTES = 64 * 1024;

export interface WriterEvents {
  /** The reader has caught up. */
  drained(): void;
  /** Nobody reads any more. */
  closed(): void;
}

export class MessageWriter {
  private readonly writer: BatchWriter;
  private isClosed = false;
  private whenEmpty: (() => void) | undefined;

  /** @param descriptor a descriptor that nobody else writes to */
  constructor(descriptor: number, events: WriterEvents) {
    this.writer = new BatchWriter(outgoingOf(descriptor), BATCH_BYTES, {
      drained: () => {
        this.whenEmpty?.();
        events.drained();
      },
      failed: () => {
        this.isClosed = true;
        this.whenEmpty?.();
        events.closed();
      },
    });
  }

  /** Whether the reader is behind: whoever can stop producing should. */
  get isFull(): boolean {
    return this.writer.isBehind && this.writer.waitingBytes > BEHIND_BYTES;
  }

  /** How much has been written and not been handed to the system. */
  get waitingBytes(): number {
    return this.writer.waitingBytes;
  }

  /** Writes one message in one piece, with a header that is exactly Content-Length or as one line; messages that are ready together leave together. */
  write(message: OutgoingMessage, framing: "headers" | "lines"): void {
    if (this.isClosed) return;
    const { head, id = "", middle = "", body, tail, isOurs } = message;
    const { writer } = this;
    const length = lengthOf(message);
    writer.reserve(MOST_FRAMING + smallPart(length - body.length) + smallPart(body.length));
    if (framing === "headers") {
      writer.text("Content-Length: ");
      writer.digits(length);
      writer.text("\r\n\r\n");
    } else {
      putOnOneLine(body);
    }
    writer.text(head);
    writer.text(id);
    writer.text(middle);
    writer.bytes(body, isOurs);
    writer.text(tail);
    if (framing === "lines") writer.text("\n");
  }

  /** As `write`, of what is bytes already. @param body is given away where it is large */
  writePieces(start: string, head: Uint8Array, body: Uint8Array, tail: Uint8Array): void {
    if (this.isClosed) return;
    const { writer } = this;
    writer.reserve(start.length + smallPart(head.length) + smallPart(body.length) + tail.length);
    writer.text(start);
    writer.bytes(head);
    writer.bytes(body, true);
    writer.bytes(tail);
  }

  /** What is ready leaves now, and not with what comes next. */
  writeNow(): void {
    if (!this.writer.isBehind) this.writer.writeNow();
  }

  /** Resolves when everything has been handed to the system (L5). */
  flush(): Promise<void> {
    const flushed = new Deferred();
    this.whenEmpty = flushed.resolve;
    this.writer.writeNow();
    if (!this.writer.isBehind) flushed.resolve();
    return flushed.promise;
  }
}

function smallPart(bytes: number): number {
  return bytes < LARGE_BYTES ? bytes : 0;
}
