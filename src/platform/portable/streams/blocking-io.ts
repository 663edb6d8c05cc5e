// Owns reading and writing all of a stream that others have opened, and wait or not as they like: fcntl(2), which would
// settle it, takes its last argument in a way that differs between systems.

import { readSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { waitUntilReadable, waitUntilWritable } from "../../posix/poll.ts";
import { writeConsole } from "../../windows/console.ts";
import { system } from "../program/system.ts";

const CHUNK_BYTES = 64 * 1024;

/** All that comes until the stream ends. @throws as node:fs */
export function readAll(descriptor: number): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = readSome(descriptor, chunk);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, length));
  }
}

function readSome(descriptor: number, into: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, into);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return 0; // what Windows calls the end of a pipe
      if (code !== "EAGAIN") throw error;
      waitUntilReadable(descriptor);
    }
  }
}

/** Waits for a reader that is behind. @throws as node:fs */
export function writeAll(descriptor: number, bytes: Buffer): void {
  if (system === "windows" && isatty(descriptor)) {
    writeConsole(descriptor, bytes);
    return;
  }
  for (let left = bytes; left.length > 0; ) {
    try {
      left = left.subarray(writeSync(descriptor, left));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      waitUntilWritable(descriptor);
    }
  }
}
