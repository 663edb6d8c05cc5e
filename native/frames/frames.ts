// What dlrpc and a worker say to each other (README.md), as frames.h has it in C. A test compares the two.

/** What a worker finds open behind stdin, stdout and stderr; the last it makes itself, where it is ordered to. */
export const Descriptor = {
  requests: 3,
  answers: 4,
  controlBlock: 5,
  ruleset: 6,
  library: 7,
  program: 8,
  sharedEnd: 9,
  listener: 10,
} as const;

/** `payload length`, `call`, `kind`: three little-endian 32-bit numbers. */
export const HEADER_BYTES = 12;
export const CALL_OFFSET = 4;
export const KIND_OFFSET = 8;

export const FrameKind = {
  // dlrpc to worker
  confine: 1,
  load: 2,
  serve: 3,
  execute: 4,
  executeShared: 5,
  // worker to dlrpc
  hello: 16,
  loaded: 17,
  failed: 18,
  result: 19,
  noResult: 20,
  progress: 21,
  output: 22,
  said: 23,
  resultShared: 24,
} as const;

export const NO_RESULT_BYTES = 8;

/** What a worker is to do to itself before it loads anything: `kind` and `payload length`, of 32 bits each, and the payload. */
export const OrderKind = {
  noNewPrivileges: 1,
  noCapabilities: 2,
  landlock: 3,
  limit: 4,
  systemCalls: 5,
  forgetListener: 6,
  mitigation: 16,
  integrity: 17,
  sandbox: 24,
} as const;
export const ORDER_HEADER_BYTES = 8;
export const ORDER_ALIGNMENT = 8;

/** Why a library did not load: `reason` and a value, two little-endian 64-bit numbers. */
export const FailureReason = {
  notOpened: 1,
  symbolsMissing: 2, // the value has a bit for each of the required symbols, from the lowest
  otherVersion: 3, // the value is the version
  noMetadata: 4, // the value is as of `noResult`
} as const;
export const FAILURE_VALUE_OFFSET = 8;
export const FAILURE_TEXT_OFFSET = 16;

/** The control block: the states of calls from its begin on, then their flags, then their reports. */
export const CONTROL_BLOCK_CALLS = 1024;
export const MOST_THREADS = 512;
export const FLAGS_OFFSET = 4096;
export const REPORTS_OFFSET = 20480;
export const REPORT_BYTES = 256;
export const CRASH_OFFSET = 282624;
export const CRASH_REGISTERS_OFFSET = 282664;
export const CRASH_REGISTERS = 33;
export const CRASH_STACK_OFFSET = 286720;
export const CRASH_STACK_BYTES = 65536;
export const CRASH_MAPS_OFFSET = 352256;
export const CRASH_MAPS_BYTES = 32768;
export const CONTROL_BLOCK_BYTES = 385024;

/** The shared buffer, behind the control block; on that are its `state` and its `pages end`, of 32 bits each. */
export const SHARED_BUFFER_OFFSET = 284672;
export const PAGES_END_OFFSET = 4;
export const BUFFER_OFFSET = 393216;
export const BUFFER_BYTES = 33554432;
export const BufferState = {
  taken: 0, // for good where there is no such buffer
  free: 1,
} as const;

/** Flags: `stop`, `wanted`, `timeoutMs`, of 32 bits each. */
export const FLAGS_BYTES = 16;
export const WANTED_OFFSET = 4;
export const TIMEOUT_OFFSET = 8;

/** What of a call is passed on. */
export const Wanted = {
  wantsProgress: 1,
  wantsOutput: 2,
  wantsLog: 4,
} as const;

/** Reports: `told`, `revision`, `length`, `read` of 32 bits each, `done` and `total`, doubles; then the message. */
export const REVISION_OFFSET = 4;
export const LENGTH_OFFSET = 8;
export const READ_OFFSET = 12;
export const DONE_OFFSET = 16;
export const TOTAL_OFFSET = 24;
export const MESSAGE_OFFSET = 32;

/** Crashes: `signal`, `code` of 32 bits each, `address`, `stackStart`, of 64, `stackLength`, `mapsLength`, of 32. */
export const CRASH_CODE_OFFSET = 4;
export const CRASH_ADDRESS_OFFSET = 8;
export const CRASH_STACK_START_OFFSET = 16;
export const CRASH_STACK_LENGTH_OFFSET = 24;
export const CRASH_MAPS_LENGTH_OFFSET = 28;

export const LEVEL_BYTES = 4;
/** Of what a plugin says; of a longer one this much is passed on. */
export const LONGEST_TEXT = 16384;
