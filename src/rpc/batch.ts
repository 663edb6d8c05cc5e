// Owns the answer to a batch: one array, sent when the last of its responses is there (M2).

import { DlrpcError } from "../../protocol/errors.ts";
import type { RawJson } from "../../protocol/raw.ts";
import { GrowingBuffer } from "./growing-buffer.ts";
import type { Outcome } from "./request.ts";
import { encodeResponse } from "./response.ts";

const OPEN = Buffer.from("[");
const COMMA = Buffer.from(",");
const CLOSE = Buffer.from("]");

export class BatchAnswer {
  private readonly text = new GrowingBuffer();
  private readonly maxBytes: number;
  private readonly send: (message: Buffer) => void;
  /** How many responses are still to come; the batch itself counts as one until it is read. */
  private awaited = 1;

  /** @param maxBytes how much may wait for the last response: what does not fit is answered with an error */
  constructor(maxBytes: number, send: (message: Buffer) => void) {
    this.maxBytes = maxBytes;
    this.send = send;
  }

  /** To be called for each message before it is handled. */
  expect(): void {
    this.awaited++;
  }

  add(id: RawJson, outcome: Outcome): void {
    const response = encodeResponse(id, outcome);
    const fits = "error" in outcome || this.text.length + response.length <= this.maxBytes;
    this.text.append(this.text.length === 0 ? OPEN : COMMA);
    this.text.append(fits ? response : encodeResponse(id, { error: this.overloaded() }));
    this.complete();
  }

  /** To be called when all of the batch is read. */
  complete(): void {
    if (--this.awaited > 0 || this.text.length === 0) return;
    this.text.append(CLOSE);
    this.send(this.text.take());
  }

  private overloaded(): DlrpcError {
    const message = `The answers to this batch are over ${this.maxBytes} bytes; the one to this request is left out`;
    return new DlrpcError("OVERLOADED", message, { hint: "Send smaller batches." });
  }
}
