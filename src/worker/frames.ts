// Owns the frames between broker and worker: a fixed header, then a payload. The channel is private to the two.

/** The channel in a worker process: the first descriptor behind stdin, stdout and stderr. */
export const CHANNEL_DESCRIPTOR = 3;

/** `payload length`, `call`, `kind`: three little-endian 32-bit numbers. */
export const HEADER_BYTES = 12;

/** What a frame is; the comment says what its payload holds. */
export const FrameKind = {
  // broker to worker
  load: 1, // the bytes of the library
  threads: 2, // u32: how many threads shall serve calls, this one included
  execute: 3, // the context document, NUL-terminated
  // worker to broker
  hello: 16, // nothing; the worker is ready to load
  loaded: 17, // the plugin's metadata as the plugin wrote it
  failed: 18, // a LoadFailure as JSON: the library did not load; the worker is of no further use
  result: 19, // the plugin's result as the plugin wrote it
  noResult: 20, // text: why there is no result to send
} as const;

/** Why a library did not load: the `kind`, message and data of the error that the host gets. */
export interface LoadFailure {
  kind: string;
  message: string;
  details: Record<string, unknown>;
}

export interface Frame {
  readonly kind: number;
  /** Which call a frame belongs to: the broker's own number, 0 where it belongs to none. */
  readonly call: number;
  readonly payload: Buffer;
}

/** Writes the header into the first HEADER_BYTES of `target`. */
export function writeHeader(target: Buffer, kind: number, call: number, payloadLength: number): void {
  target.writeUInt32LE(payloadLength, 0);
  target.writeUInt32LE(call, 4);
  target.writeUInt32LE(kind, 8);
}

export function readHeader(bytes: Buffer): { length: number; call: number; kind: number } {
  return { length: bytes.readUInt32LE(0), call: bytes.readUInt32LE(4), kind: bytes.readUInt32LE(8) };
}
