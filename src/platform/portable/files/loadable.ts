// Owns a private copy of a library as it is loaded: by its name, in a directory that only this user writes to.

import type { Loadable } from "../../both-halves/files/loadable.ts";

/** @param path of the copy */
export function loadableFile(path: string): Loadable {
  return { descriptor: undefined, name: path, openAs: undefined, pathFor: () => path, [Symbol.dispose]() {} };
}

/** @returns undefined: what is loaded must have a name */
export async function loadableInMemory(
  _name: string,
  _write: (descriptor: number) => Promise<void>,
): Promise<Loadable | undefined> {
  return undefined;
}
