// Frames of the channel between dlrpc and a worker, as a plugin can forge them.

import { CALL_OFFSET, HEADER_BYTES, KIND_OFFSET } from "../../native/frames/frames.ts";

/** @param kind one of FrameKind, or none */
export function forged(kind: number, call: number, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload as string);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(bytes.length);
  header.writeUInt32LE(call, CALL_OFFSET);
  header.writeUInt32LE(kind, KIND_OFFSET);
  return Buffer.concat([header, bytes]);
}
