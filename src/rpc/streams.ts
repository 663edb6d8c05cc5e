// Owns opening descriptors as streams of the event loop, whatever they are: pipe, socket, file or terminal.

import { createReadStream, createWriteStream, fstatSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { isatty, ReadStream, WriteStream } from "node:tty";

export function openForReading(descriptor: number): Readable {
  if (isatty(descriptor)) return new ReadStream(descriptor);
  if (isPipe(descriptor)) return new Socket({ fd: descriptor, readable: true, writable: false });
  return createReadStream("", { fd: descriptor });
}

/** Writing never blocks the event loop, except to a file, which does not block for long. */
export function openForWriting(descriptor: number): Writable {
  if (isatty(descriptor)) return new WriteStream(descriptor);
  if (isPipe(descriptor)) return new Socket({ fd: descriptor, readable: false, writable: true });
  return createWriteStream("", { fd: descriptor });
}

function isPipe(descriptor: number): boolean {
  const stat = fstatSync(descriptor);
  return stat.isFIFO() || stat.isSocket();
}
