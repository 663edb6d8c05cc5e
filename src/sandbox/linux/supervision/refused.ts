// The reason why a supervised call fails, as the plugin sees it (errno(3)).

import { constants } from "node:os";
import { CallError } from "../../../ffi/libc.ts";

export class Refused extends Error {
  readonly errno: number;

  constructor(name: keyof typeof constants.errno) {
    super(name);
    this.errno = constants.errno[name];
  }
}

/** @returns the errno that an error stands for; undefined where it is none of the system's */
export function errnoOf(error: unknown): number | undefined {
  if (error instanceof Refused || error instanceof CallError) return error.errno;
  const { errno } = error as NodeJS.ErrnoException; // of node:fs, which has them negative
  return typeof errno === "number" ? Math.abs(errno) : undefined;
}
