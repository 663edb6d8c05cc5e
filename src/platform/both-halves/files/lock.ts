// Locks of POSIX systems on open files (flock(2)): the system gives one back however its holder ends.

import { closeSync } from "node:fs";
import { libc } from "../../../ffi/libc.ts";

const flock = libc("flock", "int", ["int", "int"]);

const LOCK_EX_NB = 2 | 4;

/** @returns what holds the lock, and closes the descriptor; undefined where another holds it: then it is closed */
export function lockOpen(descriptor: number): Disposable | undefined {
  const close = () => closeSync(descriptor);
  if (flock(descriptor, LOCK_EX_NB) === 0) return { [Symbol.dispose]: close };
  close();
  return undefined;
}
