// Owns starting a process that works on a directory which a plugin fills: it may hold so much that dlrpc, which has other
// plugins to serve, must not look into it itself (native/remove.c, native/measure.c).

import { chmodSync, closeSync, constants, openSync } from "node:fs";
import { devNull } from "node:os";
import { Disposables } from "../disposables.ts";
import { pathOf } from "../native/nameless-file.ts";
import type { End } from "../native/processes.ts";
import { startWorker } from "./children.ts";
import { Descriptor } from "./frames.ts";
import { workerProgram } from "./worker-program.ts";

const OWNER_ONLY = 0o700;
const STDERR = 2;

/**
 * @param doing what ps(1) shows that it does
 * @param args what native/main.c tells that by
 * @param output what it writes to
 * @param ended is called once, later; the exit code is 0 or an errno
 * @throws Error why it cannot be started
 */
export function startOn(
  path: string,
  doing: string,
  args: readonly string[],
  output: number | undefined,
  ended: (end: End) => void,
): void {
  chmodSync(path, OWNER_ONLY); // a plugin may have changed that
  using open = new Disposables();
  const directory = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  open.defer(() => closeSync(directory));
  const empty = openSync(devNull, "r");
  open.defer(() => closeSync(empty));
  const descriptors: (number | undefined)[] = [empty, output ?? STDERR, STDERR, directory];
  descriptors[Descriptor.program] = workerProgram();
  const all = [`dlrpc: ${doing}`, String(process.pid), ...args];
  startWorker({ path: pathOf(Descriptor.program), args: all, environment: [], descriptors }, ended);
}
