// Owns finding functions of Windows's own libraries, and turning their failure into an error that says why.

import { type CType, libraryFunction, type NativeFunction } from "../../ffi/ffi.ts";

type Library = "kernel32.dll" | "advapi32.dll" | "ucrtbase.dll" | "msvcrt.dll";

/** As Windows calls the types of its functions (Windows Data Types), and memory that they read or fill. */
export const BOOL = "int";
export const DWORD = "uint32_t";
export const HANDLE = "intptr_t";
export const LPCWSTR = "str16";
export const POINTER = "void *";
export const ULONG_PTR = "uintptr_t";

/** It is there before anything is looked for, and so is not looked for. */
const getSystemDirectory = libraryFunction(() => "kernel32.dll", "GetSystemDirectoryW", DWORD, [POINTER, DWORD]);
const getLastError = kernel32("GetLastError", DWORD, []);
const formatMessage = kernel32("FormatMessageW", DWORD, [DWORD, POINTER, DWORD, DWORD, POINTER, DWORD, POINTER]);

const LONGEST_PATH = 260;
const LONGEST_MESSAGE = 1024;
const FROM_SYSTEM = 0x1000;
const IGNORE_INSERTS = 0x200;
const ON_ONE_LINE = 0xff;

let directory: string | undefined;

/** Where Windows has its libraries: that of the environment may be anybody's. */
function systemDirectory(): string {
  if (directory === undefined) {
    const text = Buffer.alloc(2 * LONGEST_PATH);
    directory = text.toString("utf16le", 0, 2 * getSystemDirectory(text, LONGEST_PATH));
  }
  return directory;
}

/** A function of one of Windows's own libraries. @throws Error from the call where there is none of that name */
export function systemFunction(
  library: Library,
  name: string,
  result: CType,
  parameters: readonly CType[],
): NativeFunction {
  return libraryFunction(() => `${systemDirectory()}\\${library}`, name, result, parameters);
}

export function kernel32(name: string, result: CType, parameters: readonly CType[]): NativeFunction {
  return systemFunction("kernel32.dll", name, result, parameters);
}

export function advapi32(name: string, result: CType, parameters: readonly CType[]): NativeFunction {
  return systemFunction("advapi32.dll", name, result, parameters);
}

/** A function of Windows has failed. */
export class WindowsError extends Error {
  /** As GetLastError has it. */
  readonly number: number;

  constructor(name: string, number: number) {
    super(`${name}: ${describeError(number)}`);
    this.number = number;
  }
}

/** An error's number and Windows's words for it (FormatMessageW), in the language of the system. */
export function describeError(number: number): string {
  const text = Buffer.alloc(2 * LONGEST_MESSAGE);
  const flags = FROM_SYSTEM | IGNORE_INSERTS | ON_ONE_LINE;
  const length = formatMessage(flags, null, number, 0, text, LONGEST_MESSAGE, null);
  const words = text.toString("utf16le", 0, 2 * length).trim();
  return words === "" ? `error ${number}` : `error ${number}: ${words}`;
}

/** The number of the error that the last function has left (GetLastError), which koffi keeps until the next. */
export function lastError(): number {
  return getLastError();
}

/** @throws WindowsError naming the function and the error where a call answered 0, which is FALSE and NULL */
export function succeeded(name: string, result: number): number {
  if (result === 0) throw new WindowsError(name, lastError());
  return result;
}
