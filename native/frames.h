/*
 * The frames between dlrpc and a worker: a header, then a payload. Numbers are little-endian, as both processors are that
 * a worker is built for. src/workers/frames.ts says the same in TypeScript, and a test compares the two.
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
  CONFINE = 1, /* orders, see below; before LOAD */
  LOAD = 2,    /* the path of the library, NUL-terminated */
  SERVE = 3,   /* nothing; `call` is how many threads shall serve calls, the main one included; before the first call */
  EXECUTE = 4, /* the context document, NUL-terminated */
  /* worker to dlrpc */
  HELLO = 16,     /* the answer to CONFINE: for each order an int32_t, 0 or the system's number of an error */
  LOADED = 17,    /* the plugin's metadata as the plugin wrote it; `call` is 1 where it has taken the table, else 0 */
  FAILED = 18,    /* a struct failure, and for NOT_OPENED the loader's words; the worker is of no further use */
  RESULT = 19,    /* the plugin's result as the plugin wrote it */
  NO_RESULT = 20, /* a uint64_t: the length of a string that is too long to be taken, or 0 for a NULL pointer */
  PROGRESS = 21,  /* nothing; the control block has it */
  OUTPUT = 22,    /* a partial result as the plugin wrote it */
  SAID = 23,      /* a uint32_t, one of dlrpc_plugin.h's levels, and a text as the plugin wrote it */
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

/* What a worker is to do to itself before it loads anything: one after the other, each padded to ORDER_ALIGNMENT bytes. */
struct order {
  uint32_t kind;
  uint32_t length; /* of what follows */
};

enum { ORDER_ALIGNMENT = 8 };

enum order_kind {
  NO_NEW_PRIVILEGES = 1,
  NO_CAPABILITIES = 2,
  LANDLOCK = 3,     /* by RULESET; a uint64_t, flags of landlock_restrict_self(2) */
  LIMIT = 4,        /* two uint64_t: the resource as setrlimit(2) numbers it, and the most; on macOS, too */
  SYSTEM_CALLS = 5, /* a uint64_t, flags of seccomp(2), and a filter: struct sock_filter, one after the other */
  FORGET_LISTENER = 6, /* whoever holds it answers for the process: no code of a plugin may find it */
  /* On Windows. */
  MITIGATION = 16, /* two uint64_t: a policy as SetProcessMitigationPolicy numbers it, and its flags */
  INTEGRITY = 17,  /* a uint64_t, the level: the last number of its SID */
  /* On macOS. */
  SANDBOX = 24, /* a profile in the system's language for them, NUL-terminated */
};

/*
 * The control block: memory that both share, where a call that was sent has a place, CONTROL_BLOCK_CALLS of them
 * (src/workers/control-block.ts).
 * First stand the states, an int32_t each: the call's number, its negative once it has begun. Then come the orders, and
 * then the reports, each followed by its message. The latter two are for plugins that have taken the table.
 */
enum {
  CONTROL_BLOCK_CALLS = 1024,
  MOST_THREADS = 512, /* so many calls run at once at most: numbers are not to come again too soon */
  ORDERS_OFFSET = 4096,
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

/* What dlrpc says of a call. */
struct call_orders {
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
