// Owns waiting in the place of Node's event loop, for all that it waits for: libuv lets a program do that (Linux).

import { nativeFunction } from "../../../ffi/ffi.ts";
import { libc } from "../../../ffi/libc.ts";
import { Region } from "../../../ffi/region.ts";

const defaultLoop = nativeFunction("uv_default_loop", "uintptr_t", []);
const backendFd = nativeFunction("uv_backend_fd", "int", ["uintptr_t"]);
const backendTimeout = nativeFunction("uv_backend_timeout", "int", ["uintptr_t"]);
const epollWait = libc("epoll_wait", "int", ["int", "uintptr_t", "int", "int"]);

/** struct epoll_event (epoll_ctl(2)), which is packed on x86-64 only: uint32_t events, then data, where libuv has the descriptor. */
const [EVENT_WORDS, DATA_WORD] = process.arch === "x64" ? [3, 1] : [4, 2];
const MOST_EVENTS = 64;

/** Node's own loop. */
export interface EventLoop {
  /**
   * Waits until something has happened, or the loop has to do something else (uv_backend_fd, uv_backend_timeout).
   * Nothing is taken from the loop: it will find all of it, too.
   * @returns of how many descriptors something has happened
   */
  wait(): number;
  /** The descriptor that something has happened to. */
  descriptor(index: number): number;
  /** What has happened, as epoll(7) says it. */
  happened(index: number): number;
}

/** @returns undefined where there is no such loop, or the executable does not have libuv's functions to call */
export function eventLoop(): EventLoop | undefined {
  if (process.platform !== "linux" || !defaultLoop || !backendFd || !backendTimeout) return undefined;
  const loop = defaultLoop();
  const epoll = backendFd(loop);
  if (epoll < 0) return undefined;
  const { address, bytes } = Region.ofSize(MOST_EVENTS * EVENT_WORDS * Int32Array.BYTES_PER_ELEMENT);
  const words = new Int32Array(bytes.buffer);
  return {
    wait: () => epollWait(epoll, address, MOST_EVENTS, backendTimeout(loop)),
    descriptor: (index) => words[index * EVENT_WORDS + DATA_WORD] as number,
    happened: (index) => words[index * EVENT_WORDS] as number,
  };
}
