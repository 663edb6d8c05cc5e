// Frames of the channel between dlrpc and a worker, as a plugin can forge them.

import { HEADER_BYTES, writeHeader } from "../../src/worker/frames.ts";

/** @param kind one of FrameKind, or none */
export function forged(kind: number, call: number, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload as string);
  const header = Buffer.alloc(HEADER_BYTES);
  writeHeader(header, kind, call, bytes.length);
  return Buffer.concat([header, bytes]);
}
