// What both framings share: how a reader is fed, what it reports, and the errors for bytes that never became a message (W4, W5).

import { DlrpcError } from "../../../protocol/errors.ts";

/** Who is told what a reader has found. */
export interface FrameEvents {
  /** What lies between two frame limits: a part of a chunk, valid until this returns, or all of bytes that are valid for good. */
  message(bytes: Buffer, from: number, to: number): void;
  /** Something that is no message (W4, W5); it is answered with the id null. */
  broken(error: DlrpcError): void;
}

/** Cuts a stream of bytes into messages. Linear in time, bounded in memory, whatever the chunks (W6). */
export interface FrameReader {
  push(chunk: Buffer): void;
  /** Whether the rest of a message is still to come. */
  readonly isInMessage: boolean;
  /** Where the rest of a long message belongs: what is read there is told by `filled`, instead of pushed. */
  room(): Buffer | undefined;
  filled(bytes: number): void;
  /** The stream has ended. */
  end(): void;
}

/** What each reader is made with. */
export class ReaderBase {
  protected readonly maxMessageBytes: number;
  protected readonly events: FrameEvents;

  constructor(maxMessageBytes: number, events: FrameEvents) {
    this.maxMessageBytes = maxMessageBytes;
    this.events = events;
  }
}

/** @param problem what was wrong, to end the sentence "Broken framing: …" */
export function badFrame(problem: string): DlrpcError {
  return new DlrpcError("BAD_FRAME", `Broken framing: ${problem}`, { problem });
}

export function messageTooLarge(limit: number, size?: number): DlrpcError {
  const found = size === undefined ? "" : ` of ${size} bytes`;
  return new DlrpcError("MESSAGE_TOO_LARGE", `A message${found} was skipped; at most ${limit} bytes are taken`, {
    limit,
    ...(size !== undefined && { size }),
  });
}
