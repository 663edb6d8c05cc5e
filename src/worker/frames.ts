// Owns the frames between broker and worker: a fixed header, then a payload. The channel is private to the two.

/** The descriptors of a worker process behind stdin, stdout and stderr. */
export const REQUESTS_DESCRIPTOR = 3;
export const ANSWERS_DESCRIPTOR = 4;
export const BOARD_DESCRIPTOR = 5;
// 6, on Linux: the native addon (packed/addon.ts)

/** `payload length`, `call`, `kind`: three little-endian 32-bit numbers. */
export const HEADER_BYTES = 12;
export const CALL_OFFSET = 4;
export const KIND_OFFSET = 8;

/** What a frame is; the comment says what its payload holds. */
export const FrameKind = {
  // broker to worker
  load: 1, // the bytes of the library
  serve: 2, // nothing; `call` is how many threads shall serve calls, this one included; comes before the first call
  loadFrom: 4, // the path of the library, in the worker's own directory: it needs others beside it
  execute: 3, // the context document, NUL-terminated
  // worker to broker
  hello: 16, // how it is confined, a Report as JSON; the worker is ready to load
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
