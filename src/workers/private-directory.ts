// Owns private directories: one of the program, locked for as long as it runs, and in that one those of workers and of the
// code that they load. A program that is killed leaves its directory behind unlocked, and the next one that starts removes
// it. The lock, and not a process number, says who lives: numbers come again, and mean nothing in another container.

import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmdirSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lock } from "../native/descriptors.ts";
import { throwIfExhausted } from "../native/exhaustion.ts";
import { log } from "../observe/log.ts";
import { removeDirectory } from "./removal.ts";

/** What is left at the end is not waited for any longer. */
const LAST_REMOVALS_MS = 1000;
const PREFIX = "dlrpc-private-";

export class PrivateDirectory {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
    mkdirSync(path, { mode: 0o700 });
  }

  /**
   * @returns undefined where no directory for temporary files can be written to, of which the log has a word
   * @throws DlrpcError RESOURCES_EXHAUSTED
   */
  static make(): PrivateDirectory | undefined {
    const parent = ownDirectory();
    try {
      return parent === undefined ? undefined : new PrivateDirectory(join(parent, String(++lastNumber)));
    } catch (error) {
      throwIfExhausted(error);
      log("warn", `a plugin has no directory for temporary files: ${error}`);
      return undefined;
    }
  }

  /** Removes it and all that is in it, some time later. */
  remove(): void {
    const removal = removeDirectory(this.path);
    removals.add(removal);
    void removal.then(() => removals.delete(removal));
  }
}

/**
 * Removes all of them. Those who use them have ended, and have theirs removed. What takes longer than a moment is left to
 * the next program, as it is after a kill.
 */
export async function removePrivateDirectories(): Promise<void> {
  const { own } = state;
  state.own = undefined;
  if (own === undefined) return;
  const late = Promise.withResolvers<void>();
  const deadline = setTimeout(late.resolve, LAST_REMOVALS_MS);
  await Promise.race([Promise.all(removals).then(() => removeDirectory(own.path)), late.promise]);
  clearTimeout(deadline);
  closeSync(own.descriptor);
}

interface Owned {
  readonly path: string;
  /** Holds the lock. */
  readonly descriptor: number;
}

let lastNumber = 0;
const removals = new Set<Promise<void>>();
const state: { own: Owned | undefined; isMissing: boolean } = { own: undefined, isMissing: false };

function ownDirectory(): string | undefined {
  if (state.own !== undefined || state.isMissing) return state.own?.path;
  const failures: string[] = [];
  for (const place of new Set([tmpdir(), "/tmp", "/var/tmp"])) {
    try {
      state.own = makeLocked(place);
      void removeStale(place);
      return state.own.path;
    } catch (error) {
      throwIfExhausted(error);
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  state.isMissing = true;
  log(
    "warn",
    `no directory for temporary files can be written to, so plugins get none, and those with libraries or listed files beside them do not load; set TMPDIR to one (${failures.join("; ")})`,
  );
  return undefined;
}

function makeLocked(place: string): Owned {
  for (;;) {
    const path = mkdtempSync(join(place, PREFIX));
    const descriptor = openOwn(path);
    // Another program that starts may have found it unlocked, and removed it: then it is time for another.
    if (lock(descriptor) && existsSync(path)) return { path, descriptor };
    closeSync(descriptor);
  }
}

function openOwn(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    rmdirSync(path);
    throw error;
  }
}

/** Removes what programs of this user left behind that did not end in order: nobody holds its lock. */
async function removeStale(place: string): Promise<void> {
  for (const name of readdirSync(place).filter((name) => name.startsWith(PREFIX))) {
    const path = join(place, name);
    const descriptor = openDirectory(path);
    if (descriptor === undefined) continue;
    if (fstatSync(descriptor).uid === process.getuid?.() && lock(descriptor)) await removeDirectory(path);
    closeSync(descriptor);
  }
}

/** @returns undefined where it is none, has gone, or is another user's */
function openDirectory(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
}
