// Owns what people read when the program cannot start: one sentence, and what would help. Node would show the script.

import { messageOf } from "./failures.ts";

const MEMORY = "it needs more memory, or more addresses (ulimit -v)";
const DESCRIPTORS = "it needs more descriptors (ulimit -n)";
const PROCESSES = "it needs more processes and threads (ulimit -u)";
const CALLS = "the system, or a sandbox around dlrpc, lacks what it needs";

/** What helps, by what the error says. */
const advice: readonly [RegExp, string][] = [
  [/\b(EMFILE|ENFILE)\b|too many open files/i, DESCRIPTORS],
  [/\bENOMEM\b|out of memory|cannot allocate|allocation failed/i, MEMORY],
  [/\bEAGAIN\b|temporarily unavailable/i, PROCESSES],
  [/\bENOSYS\b|not implemented/i, CALLS],
];

/** @returns undefined where it is none of the system's refusals, but a defect */
export function refusalOf(error: unknown): string | undefined {
  const message = messageOf(error);
  const found = advice.find(([pattern]) => pattern.test(message));
  return found && `${message.trimEnd()}; ${found[1]}`;
}

/** One sentence about whatever kept the program from starting. */
export function startFailure(error: unknown): string {
  return refusalOf(error) ?? messageOf(error);
}
