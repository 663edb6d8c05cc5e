// Owns the reason why a supervised call fails, as the plugin sees it (errno(3)).

import { CallError } from "../native/libc.ts";

export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  EBADF: 9,
  EFAULT: 14,
  EINVAL: 22,
  ENAMETOOLONG: 36,
  EOPNOTSUPP: 95,
} as const;

export class Refused extends Error {
  readonly errno: number;

  constructor(name: keyof typeof Errno) {
    super(name);
    this.errno = Errno[name];
  }
}

/** @returns the errno that an error stands for; undefined where it is none of the system's */
export function errnoOf(error: unknown): number | undefined {
  if (error instanceof Refused || error instanceof CallError) return error.errno;
  const { errno } = error as NodeJS.ErrnoException; // of node:fs, which has them negative
  return typeof errno === "number" ? Math.abs(errno) : undefined;
}
