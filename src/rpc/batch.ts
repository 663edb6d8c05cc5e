// Owns the answer to a batch: one array, sent when the last of its responses is there (M2).

import { DlrpcError } from "../../protocol/errors.ts";
import { GrowingBuffer } from "./framing/growing-buffer.ts";
import type { RequestId } from "./message.ts";
import type { AnswerSink, IncomingRequest, Outcome } from "./request.ts";
import { lengthOf, type OutgoingMessage, type ResponseEncoder } from "./response.ts";

export interface BatchEvents {
  readonly encode: ResponseEncoder;
  send(message: OutgoingMessage): void;
  /** A request of the batch has its answer. */
  left(request: IncomingRequest): void;
}

export class BatchAnswer implements AnswerSink {
  private readonly text = new GrowingBuffer();
  private readonly maxBytes: number;
  private readonly answer: BatchEvents;
  /** How many responses are still to come; the batch itself counts as one until it is read. */
  private awaited = 1;

  /** @param maxBytes how much may wait for the last response: what does not fit is answered with an error */
  constructor(maxBytes: number, answer: BatchEvents) {
    this.maxBytes = maxBytes;
    this.answer = answer;
  }

  /** To be called for each message before it is handled. */
  expect(): void {
    this.awaited++;
  }

  answered(request: IncomingRequest, outcome: Outcome): void {
    this.respond(request.id, outcome);
    this.answer.left(request);
  }

  dropped(request: IncomingRequest): void {
    this.answer.left(request);
    this.complete();
  }

  respond(id: RequestId, outcome: Outcome): void {
    const response = this.answer.encode(id, outcome);
    const fits = "error" in outcome || this.text.length + lengthOf(response) <= this.maxBytes;
    this.append(
      this.text.length === 0 ? "[" : ",",
      fits ? response : this.answer.encode(id, { error: this.overloaded() }),
    );
    this.complete();
  }

  /** To be called when all of the batch is read. */
  complete(): void {
    if (--this.awaited > 0 || this.text.length === 0) return;
    this.answer.send({ head: "", body: this.text.take(), tail: "]", isOurs: true });
  }

  private append(separator: string, { head, id = "", middle = "", body, tail }: OutgoingMessage): void {
    this.text.append(Buffer.from(separator + head + id + middle, "latin1"));
    this.text.append(body);
    this.text.append(Buffer.from(tail, "latin1"));
  }

  private overloaded(): DlrpcError {
    const message = `The answers to this batch are over ${this.maxBytes} bytes; the one to this request is left out`;
    return new DlrpcError("OVERLOADED", message, { hint: "Send smaller batches." });
  }
}
