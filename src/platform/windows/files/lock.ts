// Owns files that one process has to itself: Windows gives such a file back however its holder ends.

import { Handle } from "../handles.ts";
import { DWORD, HANDLE, kernel32, LPCWSTR, lastError, POINTER, WindowsError } from "../system-functions.ts";

const createFile = kernel32("CreateFileW", HANDLE, [LPCWSTR, DWORD, DWORD, POINTER, DWORD, DWORD, HANDLE]);

const GENERIC_WRITE = 0x40000000;
const FOR_NOBODY_ELSE = 0;
const OPEN_ALWAYS = 4;
const FILE_FLAG_DELETE_ON_CLOSE = 0x04000000;
const NO_TEMPLATE = 0;
const INVALID_HANDLE = -1;
const ERROR_SHARING_VIOLATION = 32;

/**
 * Makes a file, or opens it, as the only one: it is gone once the lock is disposed of, and when this process ends.
 * @param path of a file in a directory that exists
 * @returns undefined where another holds it
 * @throws WindowsError where it cannot be made
 */
export function lockFile(path: string): Disposable | undefined {
  const handle = createFile(
    path,
    GENERIC_WRITE,
    FOR_NOBODY_ELSE,
    null,
    OPEN_ALWAYS,
    FILE_FLAG_DELETE_ON_CLOSE,
    NO_TEMPLATE,
  );
  if (handle !== INVALID_HANDLE) return new Handle(handle);
  const error = lastError();
  if (error === ERROR_SHARING_VIOLATION) return undefined;
  throw new WindowsError(`CreateFile(${path})`, error);
}
