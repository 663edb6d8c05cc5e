/*
 * What dlrpc and a worker say to each other (README.md), as frames.ts has it in TypeScript. A test compares the two.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <stdint.h>

/* What a worker finds open behind stdin, stdout and stderr. */
enum descriptor {
  REQUESTS = 3,
  ANSWERS = 4,
  CONTROL_BLOCK = 5,
  RULESET = 6, /* of Landlock; only where it is to be confined by one */
  LIBRARY = 7, /* only where it is to be loaded from memory */
  PROGRAM = 8, /* the worker itself; an emulator, which has started by then, opens it by this number */
  SHARED_END = 9, /* by it the process ends with dlrpc until it has seen to that itself; gone by then */
  LISTENER = 10, /* made by SYSTEM_CALLS, and gone with FORGET_LISTENER */
};

struct frame_header {
  uint32_t length; /* of the payload */
  uint32_t call;
  uint32_t kind;
};

enum frame_kind {
  /* dlrpc to worker */
  CONFINE = 1,
  LOAD = 2,
  SERVE = 3,
  EXECUTE = 4,
  EXECUTE_SHARED = 5,
  /* worker to dlrpc */
  HELLO = 16,
  LOADED = 17,
  FAILED = 18,
  RESULT = 19,
  NO_RESULT = 20,
  PROGRESS = 21,
  OUTPUT = 22,
  SAID = 23,
  RESULT_SHARED = 24,
};

/* Why a library did not load. */
struct failure {
  uint64_t reason;
  uint64_t value;
};

enum failure_reason {
  NOT_OPENED = 1,
  SYMBOLS_MISSING = 2, /* `value`: a bit for each of vtcode_plugin_version, metadata and execute, from the lowest */
  OTHER_VERSION = 3,   /* `value`: the version */
  NO_METADATA = 4,     /* `value`: as of NO_RESULT */
};

/* What a worker is to do to itself before it loads anything. */
struct order {
  uint32_t kind;
  uint32_t length; /* of what follows */
};

enum { ORDER_ALIGNMENT = 8 };

enum order_kind {
  NO_NEW_PRIVILEGES = 1,
  NO_CAPABILITIES = 2,
  LANDLOCK = 3,
  LIMIT = 4,
  SYSTEM_CALLS = 5,
  FORGET_LISTENER = 6,
  MITIGATION = 16,
  INTEGRITY = 17,
  SANDBOX = 24,
};

/* The control block (control-block.h). */
enum {
  CONTROL_BLOCK_CALLS = 1024,
  MOST_THREADS = 512, /* so many calls run at once at most: numbers are not to come again too soon */
  FLAGS_OFFSET = 4096,
  REPORTS_OFFSET = 20480,
  REPORT_BYTES = 256, /* of small blocks there is room for many, also where files must not be large (setrlimit(2)) */
  /* What a process that dies of a signal leaves: a struct crash, registers, the top of the stack, where code is. */
  CRASH_OFFSET = 282624,
  CRASH_REGISTERS_OFFSET = 282664,
  CRASH_REGISTERS = 33, /* of 64 bits each, as DWARF numbers them; in the last place the program counter */
  CRASH_STACK_OFFSET = 286720,
  CRASH_STACK_BYTES = 65536,
  CRASH_MAPS_OFFSET = 352256,
  CRASH_MAPS_BYTES = 32768,
  CONTROL_BLOCK_BYTES = 385024,
};

/* The shared buffer (shared-buffer.h), behind the control block. */
enum {
  SHARED_BUFFER_OFFSET = 284672, /* on the control block: a struct shared_buffer */
  BUFFER_OFFSET = 393216,        /* where a page begins, however large pages are */
  BUFFER_BYTES = 33554432,
};

struct shared_buffer {
  _Atomic int32_t state;       /* one of buffer_state */
  _Atomic uint32_t pages_end;  /* up to here the system has given pages; for whoever has the buffer to say */
};

enum buffer_state {
  TAKEN = 0, /* for good where there is no such buffer */
  FREE = 1,
};

/* What dlrpc says of a call. */
struct call_flags {
  _Atomic int32_t stop; /* the call's number once it is to stop */
  uint32_t wanted;      /* what of it is passed on: one bit each */
  uint32_t timeout_ms;  /* how long it may take; 0: for ever */
  uint32_t unused;
};

enum wanted {
  WANTS_PROGRESS = 1,
  WANTS_OUTPUT = 2,
  WANTS_LOG = 4,
};

enum {
  LONGEST_TEXT = 16384, /* of what a plugin says; of a longer one this much is passed on */
};

/* How far a call is, as its plugin said last. */
struct report {
  _Atomic uint32_t told;     /* 1 from a PROGRESS frame on, until dlrpc takes what comes after it */
  _Atomic uint32_t revision; /* odd while it is written */
  uint32_t length;           /* of the message */
  _Atomic uint32_t read;     /* 1 while dlrpc reads: whoever writes waits a while, or there would be no moment for it */
  double done;
  double total;
};

/* The process dies of a signal. */
struct crash {
  int32_t signal;        /* 0: it does not; on Windows the exception's code */
  int32_t code;          /* as of siginfo_t, and so the address */
  uint64_t address;
  uint64_t stack_start;  /* where the copy of the stack comes from */
  uint32_t stack_length; /* of the copy; 0: none */
  uint32_t maps_length;  /* lines of /proc/self/maps, each with its end: those of mappings with code; on Windows one */
  uint64_t unused;
};

#endif
