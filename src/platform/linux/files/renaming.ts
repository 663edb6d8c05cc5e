// Owns giving names to files and directories: to what was just written, so that it lasts, and exchanging two (renameat2(2)).

import { lastError } from "../../../ffi/ffi.ts";
import { checked, libc } from "../../../ffi/libc.ts";

export { renameSync as renameWritten } from "node:fs";
export { syncDirectory } from "../../both-halves/files/synced-directory.ts";

const SYS_RENAMEAT2: Readonly<Record<string, number>> = { x64: 316, arm64: 276 };
const AT_FDCWD = -100;
const RENAME_EXCHANGE = 2;

const renameAt2 = libc("syscall", "int64_t", ["int64_t", "int", "str", "int", "str", "uint"]);

/**
 * Gives each of two files or directories the name of the other: there is no moment in which either name has nothing.
 * @returns false where this system, or the file system that they are on, does not know how @throws CallError
 */
export function exchange(path: string, other: string): boolean {
  const number = process.platform === "linux" ? SYS_RENAMEAT2[process.arch] : undefined;
  if (number === undefined) return false;
  const result = renameAt2(number, AT_FDCWD, path, AT_FDCWD, other, RENAME_EXCHANGE);
  if (result === -1 && ["EINVAL", "ENOSYS"].includes(lastError())) return false;
  checked("renameat2", result);
  return true;
}
