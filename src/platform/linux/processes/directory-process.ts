// Owns starting a process that works on a directory which a plugin fills: it may hold so much that dlrpc, which has other
// plugins to serve, must not look into it itself (native/posix/remove.c, native/posix/measure.c).

import { chmodSync, closeSync, constants, fstatSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { Descriptor } from "../../../../native/frames/frames.ts";
import { closing } from "../../../base/closing.ts";
import { Disposables } from "../../../base/disposables.ts";
import type { End } from "../../end.ts";
import { workerProgram } from "../../worker-program/worker-program.ts";
import { pathOf } from "../files/nameless-file.ts";
import { openWithoutLinks } from "../files/opening.ts";
import { startWorker } from "./children.ts";

const OWNER_ONLY = 0o700;
const STDERR = 2;

/**
 * Opens a private directory by its canonical path, whatever mode a plugin has given it. One that may write around it may
 * have put a link in its place: that is not followed, and nothing but a directory is touched.
 * @throws Error why it cannot be opened
 */
export function openPrivate(path: string): number {
  const { O_DIRECTORY, O_RDONLY } = constants;
  const named = openWithoutLinks(path);
  using _ = closing(named);
  if (!fstatSync(named).isDirectory()) throw new Error(`${path} is no directory any more`);
  chmodSync(pathOf(named), OWNER_ONLY);
  return openSync(pathOf(named), O_RDONLY | O_DIRECTORY);
}

/**
 * @param doing what ps(1) shows that it does
 * @param args what native/posix/main.c tells that by
 * @param output what it writes to
 * @param ended is called once, later; the exit code is 0 or an errno
 * @returns the number of the process
 * @throws Error why it cannot be started
 */
export function startOn(
  path: string,
  doing: string,
  args: readonly string[],
  output: number | undefined,
  ended: (end: End) => void,
): number {
  using open = new Disposables();
  const directory = openPrivate(path);
  open.defer(() => closeSync(directory));
  const empty = openSync(devNull, "r");
  open.defer(() => closeSync(empty));
  const descriptors: (number | undefined)[] = [empty, output ?? STDERR, STDERR, directory];
  descriptors[Descriptor.program] = workerProgram();
  const all = [`dlrpc: ${doing}`, String(process.pid), ...args];
  return startWorker({ path: pathOf(Descriptor.program), args: all, environment: [], descriptors }, ended);
}
