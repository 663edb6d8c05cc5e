// Finding a file beneath what a plugin may write to. A path only says where to look: that nothing else is found is up
// to the system, which resolves it beneath the open directory of a grant, whatever is linked or renamed meanwhile.

import { closeSync, readlinkSync } from "node:fs";
import { constants } from "node:os";
import { Disposables } from "../../../base/disposables.ts";
import { pathOf } from "../../../platform/linux/files/nameless-file.ts";
import { duplicateDescriptor, openBeneath } from "../../../platform/linux/kernel/descriptors.ts";
import type { Grant } from "../../../sandbox-policy/grants.ts";
import type { BytePath } from "./caller.ts";
import { Refused } from "./refused.ts";

const { EXDEV } = constants.errno;

interface Place {
  /** Its own: the grant may be given back earlier. */
  readonly descriptor: number;
  readonly isDirectory: boolean;
  /** As whoever granted it calls it. */
  readonly name: BytePath;
}

export class WritablePlaces implements Disposable {
  private readonly places: Place[] = [];

  constructor(grants: readonly Grant[]) {
    using begun = new Disposables();
    begun.use(this);
    for (const { descriptor, isDirectory, path } of grants) {
      const name = Buffer.from(path).toString("latin1");
      this.places.push({ descriptor: duplicateDescriptor(descriptor), isDirectory, name });
    }
    begun.move();
  }

  /**
   * @param path absolute
   * @param followsLast whether a link in its last part is followed, too
   * @returns a descriptor that names the file, to be closed
   * @throws Refused EPERM where it is beneath none of them; CallError such as ENOENT
   */
  open(path: BytePath, followsLast: boolean): number {
    const plain = path.replaceAll(/\/+(?:\.\/+)*/g, "/");
    for (const place of this.places) {
      for (const name of new Set([whereIs(place.descriptor), place.name])) {
        const rest = restBeneath(plain, name);
        if (rest === undefined) continue;
        if (place.isDirectory) {
          const found = openIn(place.descriptor, rest, followsLast);
          if (found !== undefined) return found;
        } else if (rest === ".") return duplicateDescriptor(place.descriptor);
      }
    }
    throw new Refused("EPERM");
  }

  [Symbol.dispose](): void {
    for (const { descriptor } of this.places) closeSync(descriptor);
  }
}

/** Where what a descriptor is open on is now (proc(5)). */
export function whereIs(descriptor: number): BytePath {
  return readlinkSync(pathOf(descriptor), "latin1");
}

/** @returns undefined where it does not begin with it */
function restBeneath(path: BytePath, directory: BytePath): BytePath | undefined {
  const beginning = directory === "/" ? directory : `${directory}/`;
  if (path === directory || path === beginning) return ".";
  return path.startsWith(beginning) ? path.slice(beginning.length) : undefined;
}

/** @returns undefined where a link or `..` leads out of it */
function openIn(directory: number, rest: BytePath, followsLast: boolean): number | undefined {
  try {
    return openBeneath(directory, Buffer.from(rest, "latin1"), followsLast);
  } catch (error) {
    if ((error as { errno?: number }).errno === EXDEV) return undefined;
    throw error;
  }
}
