// Owns measuring what is in a directory that a plugin fills, by a process of its own (native/posix/measure.c), one at a time.

import { opendirSync, readSync } from "node:fs";
import { closing } from "../../../base/closing.ts";
import { errorName } from "../../../ffi/ffi.ts";
import { type Contents, inTurn } from "../../both-halves/files/contents.ts";
import { Deferred } from "../../both-halves/promises.ts";
import type { End } from "../../end.ts";
import { memoryFile } from "../kernel/descriptors.ts";
import { openPrivate, startOn } from "../processes/directory-process.ts";
import { pathOf } from "./nameless-file.ts";

const nothing: Contents = { entries: 0, bytes: 0, levels: 0 };

/**
 * Measures it when all that began earlier are done, at least as far as one is above what `most` has.
 * @returns rejects with an Error that says why it cannot be measured
 */
export function measure(path: string, most: Contents): Promise<Contents> {
  return inTurn(() => (isEmpty(path) ? nothing : measureBy(path, most)));
}

/** Most are: no process is started for that. */
function isEmpty(path: string): boolean {
  const descriptor = openPrivate(path);
  using _ = closing(descriptor);
  const directory = opendirSync(pathOf(descriptor));
  try {
    return directory.readSync() === null;
  } finally {
    directory.closeSync();
  }
}

async function measureBy(path: string, { entries, bytes, levels }: Contents): Promise<Contents> {
  const answer = memoryFile("contents");
  using _ = closing(answer);
  const end = new Deferred<End>();
  startOn(path, "measuring", [entries, bytes, levels].map(String), answer, end.resolve);
  const { signal, exitCode } = await end.promise;
  if (exitCode !== 0) throw new Error(signal ?? errorName(exitCode ?? 0));
  return contentsIn(answer);
}

/** As native/posix/measure.h has it: three little-endian 64-bit numbers. */
function contentsIn(file: number): Contents {
  const numbers = new BigUint64Array(3);
  readSync(file, numbers, 0, numbers.byteLength, 0);
  const [entries = 0, bytes = 0, levels = 0] = [...numbers].map(Number);
  return { entries, bytes, levels };
}
