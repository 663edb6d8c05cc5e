// Owns reading and writing all of a stream that others have opened, and wait or not as they like.

import { readFileSync, writeFileSync } from "node:fs";
import { makeBlocking } from "../kernel/descriptors.ts";

/** All that comes until the stream ends. @throws as node:fs */
export function readAll(descriptor: number): Buffer {
  makeBlocking(descriptor); // a parent may have it otherwise, and then what is late would be missed
  return readFileSync(descriptor);
}

/** Waits for a reader that is behind. @throws as node:fs */
export function writeAll(descriptor: number, bytes: Buffer): void {
  makeBlocking(descriptor); // Node has stderr not block when it opens it, and so stdout, where both are one pipe
  writeFileSync(descriptor, bytes);
}
