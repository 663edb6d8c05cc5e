// How this program ends on POSIX systems beyond node:process.

import { libc } from "../../../ffi/libc.ts";

const underscoreExit = libc("_exit", "void", ["int"]);

/** Ends this process at once, also while a thread of Node's waits inside a system call (_exit(2)). */
export function exitNow(status: number): never {
  underscoreExit(status);
  throw new Error("_exit returned");
}

/** Whoever has started this sees that the signal has ended it: its status in a shell is 130 after Ctrl-C. */
export function endAs(signal: NodeJS.Signals): Promise<never> {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  return new Promise(() => {});
}
