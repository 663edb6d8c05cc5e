// Memory that this process shares with a worker: a file without a name, which the worker finds open, and closes before it
// runs code of others: it could be cut off.

import { constants, openSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MappedFile } from "../both-halves/mapped-file.ts";

export class SharedMemory extends MappedFile {
  /** @throws CallError, or as node:fs does where there is no file to be made */
  constructor(bytes: number) {
    super(namelessFile(), bytes);
  }
}

let lastName = 0;

/** Its name lasts for a moment; whoever has put something there before is not followed. */
function namelessFile(): number {
  const path = join(tmpdir(), `.dlrpc-${process.pid}-${++lastName}-${Math.random().toString(36).slice(2)}`);
  const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  unlinkSync(path);
  return descriptor;
}
