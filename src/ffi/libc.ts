// Owns finding functions of the C library, and turning their -1 into an error that says why.

import { type CType, errno, errorName, type NativeFunction, nativeFunction } from "./ffi.ts";

/** A function of the C library. Where this system has none of that name, calling it throws an Error that says so. */
export function libc(name: string, result: CType, parameters: readonly CType[]): NativeFunction {
  const missing = () => {
    throw new Error(`${name}: not in the C library of this system`);
  };
  return nativeFunction(name, result, parameters) ?? missing;
}

/** A function of the C library has failed. */
export class CallError extends Error {
  /** As errno(3) has it. */
  readonly errno: number;
  /** Its name, as errors of node:fs have it. */
  readonly code: string;

  constructor(name: string, number: number) {
    const code = errorName(number);
    super(`${name}: ${code}`);
    this.errno = number;
    this.code = code;
  }
}

/** @throws CallError naming the function and the error where a call answered -1 */
export function checked(name: string, result: number): number {
  if (result === -1) throw new CallError(name, errno());
  return result;
}
