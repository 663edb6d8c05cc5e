// Owns making pipes, both of whose ends are closed in programs that are started later (pipe(2), FIOCLEX).

import { closeSync } from "node:fs";
import { checked, libc } from "../../ffi/libc.ts";
import { system } from "../portable/program/system.ts";

const makePipe = libc("pipe", "int", ["void *"]);
const ioctl = libc("ioctl", "int", ["int", "size_t"]); // what varies is left out: it would go astray on macOS

const FIOCLEX = system === "macos" ? 0x20006601 : 0x5451;

/** @throws CallError such as EMFILE */
export function pipe(): { readingEnd: number; writingEnd: number } {
  const pair = Buffer.alloc(8);
  checked("pipe", makePipe(pair));
  const [readingEnd, writingEnd] = [pair.readInt32LE(0), pair.readInt32LE(4)];
  try {
    for (const end of [readingEnd, writingEnd]) keepFromOthers(end);
  } catch (error) {
    for (const end of [readingEnd, writingEnd]) closeSync(end);
    throw error;
  }
  return { readingEnd, writingEnd };
}

/** @throws CallError */
export function keepFromOthers(descriptor: number): void {
  checked("ioctl(FIOCLEX)", ioctl(descriptor, FIOCLEX));
}
