// Owns waiting for a descriptor, with nothing else going on meanwhile (poll(2)).

import { errno } from "../../ffi/ffi.ts";
import { checked, libc } from "../../ffi/libc.ts";

const POLLIN = 0x1;
const POLLOUT = 0x4;
const FOR_EVER = -1;
const EINTR = 4;

const poll = libc("poll", "int", ["void *", "uint", "int"]);

/** Returns also where it has ended or failed: reading it then says so. */
export function waitUntilReadable(descriptor: number): void {
  waitFor(descriptor, POLLIN);
}

/** Returns also where nobody reads it any more: writing to it then says so. */
export function waitUntilWritable(descriptor: number): void {
  waitFor(descriptor, POLLOUT);
}

function waitFor(descriptor: number, events: number): void {
  const polled = Buffer.alloc(8); // struct pollfd: int fd; short events; short revents
  new Int32Array(polled.buffer, polled.byteOffset, 1)[0] = descriptor;
  new Int16Array(polled.buffer, polled.byteOffset, 4)[2] = events;
  for (;;) {
    const result = poll(polled, 1, FOR_EVER);
    if (result === -1 && errno() === EINTR) continue;
    checked("poll", result);
    return;
  }
}
