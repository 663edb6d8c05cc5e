// Writing a file so that it is there whole or not at all.

import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { CommandError } from "../options.ts";

/**
 * Writes a new file beside `path` and renames it, with just this mode whatever the umask.
 * @throws CommandError where that cannot be done; `path` is then as it was
 */
export function replaceFile(path: string, content: string | Uint8Array, mode: number): void {
  const temporary = `${path}.${process.pid}.new`;
  try {
    writeFileSync(temporary, content, { flag: "wx", mode, flush: true });
    chmodSync(temporary, mode);
    renameSync(temporary, path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST") rmSync(temporary, { force: true });
    throw new CommandError(`${path} cannot be written: ${message}`);
  }
}
