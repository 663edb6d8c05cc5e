// The system calls that schedule a thread: a process does as it likes with its own.

import type { ThreadCall } from "../rules/filter.ts";
import type { SystemCall } from "../rules/system-calls.ts";

/** By the name of the call: which argument is the thread. What kind of one it is, the filter has seen to. */
export const threadCalls: Readonly<Partial<Record<SystemCall, number>>> = {
  sched_setscheduler: 0,
  sched_setparam: 0,
  sched_setattr: 0,
  sched_setaffinity: 0,
  setpriority: 1,
  ioprio_set: 1,
} satisfies Record<ThreadCall, number>;
