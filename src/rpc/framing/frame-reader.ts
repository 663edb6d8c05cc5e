// What both framings share: how a reader is fed, and what it reports.

import type { DlrpcError } from "../../../protocol/errors.ts";

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
