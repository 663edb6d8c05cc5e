// Owns what can be asked of Node's event loop from outside: libuv lets a program wait for all that a loop waits for.

import { program } from "./libc.ts";

const defaultLoop = program.function("uv_default_loop", "uintptr_t", []);
const backendFd = program.function("uv_backend_fd", "int", ["uintptr_t"]);
const backendTimeout = program.function("uv_backend_timeout", "int", ["uintptr_t"]);

/** The loop of the main thread. */
export interface EventLoop {
  /** Becomes readable when the loop has something to do (uv_backend_fd). */
  readonly descriptor: number;
  /**
   * How long the loop may be left waiting for that, in milliseconds from when it last had its turn; -1: for ever
   * (uv_backend_timeout).
   */
  timeout(): number;
}

/** @returns undefined where the executable does not have libuv's functions to call */
export function eventLoop(): EventLoop | undefined {
  if (!defaultLoop || !backendFd || !backendTimeout) return undefined;
  const loop = defaultLoop();
  const descriptor = backendFd(loop);
  if (descriptor < 0) return undefined;
  return {
    descriptor,
    timeout: () => backendTimeout(loop),
  };
}
