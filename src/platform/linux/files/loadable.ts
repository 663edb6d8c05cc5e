// Owns a private copy of a library as an open file, which is what is loaded, whatever has its name by then.

import { closeSync, openSync } from "node:fs";
import { Descriptor } from "../../../../native/frames/frames.ts";
import { Disposables } from "../../../base/disposables.ts";
import type { Loadable } from "../../both-halves/files/loadable.ts";
import { memoryFile, sealMemoryFile } from "../kernel/descriptors.ts";
import { hasOwnProc } from "../kernel/own-proc.ts";
import { pathOf } from "./nameless-file.ts";
import { keepToOneself } from "./own-files.ts";

/** @param path of the copy @throws as node:fs */
export function loadableFile(path: string): Loadable {
  return opened(openSync(path, "r"), path);
}

/**
 * In a file in memory, which nobody can change.
 * @param write fills it
 * @returns undefined where this system has no such files @throws Error
 */
export async function loadableInMemory(
  name: string,
  write: (descriptor: number) => Promise<void>,
): Promise<Loadable | undefined> {
  using begun = new Disposables();
  const descriptor = memoryFile(name);
  begun.defer(() => closeSync(descriptor));
  await write(descriptor);
  sealMemoryFile(descriptor);
  begun.move();
  return opened(descriptor, `/memfd:${name}`);
}

function opened(descriptor: number, name: string): Loadable {
  const kept = keepToOneself(descriptor);
  return {
    descriptor,
    name,
    openAs: pathOf(descriptor),
    // By the process's number: a debugger, for which /proc/self is its own, finds it there, too.
    pathFor: (pid) => (hasOwnProc() ? `/proc/${pid}/fd/${Descriptor.library}` : pathOf(Descriptor.library)),
    [Symbol.dispose]() {
      kept[Symbol.dispose]();
      closeSync(descriptor);
    },
  };
}
