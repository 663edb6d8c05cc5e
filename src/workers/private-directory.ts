// Owns private directories: one of the program, locked for as long as it runs, and in that one those of workers and of the
// code that they load. A program that is killed leaves its directory behind unlocked, and the next one that starts removes
// it. The lock, and not a process number, says who lives: numbers come again, and mean nothing in another container.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockDirectory, lockOwn } from "#platform/files/directory-lock";
import { removeDirectory, removeDirectoryNow, removeNext } from "#platform/files/removal";
import { system } from "#platform/program/system";
import { messageOf } from "../base/failures.ts";
import { log } from "../observe/log.ts";
import { Deferred, inBackground } from "../platform/both-halves/promises.ts";
import { throwIfExhausted } from "../platform/exhaustion.ts";

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
    const [first] = PrivateDirectory.everywhere();
    if (first === undefined) complain();
    return first;
  }

  /**
   * One in each place that can be written to, made when its turn comes: of the last one may be too small, or nothing
   * there may be run.
   * @throws DlrpcError RESOURCES_EXHAUSTED
   */
  static *everywhere(): Generator<PrivateDirectory> {
    for (const place of places()) {
      const directory = attempt(place, () => new PrivateDirectory(join(ownIn(place), String(++lastNumber))));
      if (directory !== undefined) yield directory;
    }
  }

  /** Removes it and all that is in it, some time later. */
  remove(): void {
    const removal = removeDirectory(this.path).finally(() => removals.delete(removal));
    removals.add(removal); // which is waited for at the end
  }
}

/** Where all of them are. */
export function privateDirectories(): string[] {
  return [...owned.values()].map(({ path }) => path);
}

/**
 * Removes all of them. Those who use them have ended, and have theirs removed. What takes longer than a moment is left to
 * the next program, as it is after a kill.
 */
export async function removePrivateDirectories(): Promise<void> {
  const all = [...owned.values()];
  if (all.length === 0) return;
  removeNext(); // what could not be begun for want of what plugins had
  const late = new Deferred();
  const deadline = setTimeout(late.resolve, LAST_REMOVALS_MS);
  const removed = Promise.all(removals).then(() => Promise.all(all.map(({ path }) => removeDirectory(path))));
  await Promise.race([removed, late.promise]);
  clearTimeout(deadline);
  owned.clear();
  for (const { lock } of all) lock[Symbol.dispose]();
}

/** As `removePrivateDirectories`, where the program ends at once: also while that is under way. */
export function removePrivateDirectoriesNow(): void {
  const deadline = performance.now() + LAST_REMOVALS_MS;
  for (const { path } of owned.values()) removeDirectoryNow(path, deadline);
}

interface Owned {
  readonly path: string;
  readonly lock: Disposable;
}

let lastNumber = 0;
const removals = new Set<Promise<void>>();
/** By place. */
const owned = new Map<string, Owned>();
/** Why a place was of no use when it was tried last; by place. */
const failures = new Map<string, string>();
let hasComplained = false;

/** Where programs may write, by custom. Windows has one such place; `/tmp` there is what anybody may have made on a drive. */
function places(): Set<string> {
  return new Set(system === "windows" ? [tmpdir()] : [tmpdir(), "/tmp", "/var/tmp", "/dev/shm"]);
}

function ownIn(place: string): string {
  let own = owned.get(place);
  if (own === undefined) {
    const canonical = realpathSync(place);
    own = makeLocked(canonical);
    owned.set(place, own);
    const removed = removeStale(canonical).catch((error: unknown) => {
      log("info", `what an earlier dlrpc left in ${place}, if any, stays there: ${error}`);
    });
    inBackground(removed);
  }
  return own.path;
}

/** @returns undefined where the place is of no use @throws DlrpcError RESOURCES_EXHAUSTED */
function attempt<T>(place: string, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    throwIfExhausted(error);
    failures.set(place, messageOf(error));
    return undefined;
  }
}

function complain(): void {
  if (hasComplained) return;
  hasComplained = true;
  log(
    "warn",
    `no directory for temporary files can be written to, so plugins get none, and those with libraries or listed files beside them do not load; set TMPDIR to one (${[...failures.values()].join("; ")})`,
  );
}

function makeLocked(place: string): Owned {
  for (;;) {
    const path = mkdtempSync(join(place, PREFIX));
    const lock = lockNew(path);
    // Another program that starts may have found it unlocked, and removed it: then it is time for another.
    if (lock !== undefined && existsSync(path)) return { path, lock };
    lock?.[Symbol.dispose]();
  }
}

function lockNew(path: string): Disposable | undefined {
  try {
    return lockDirectory(path);
  } catch (error) {
    rmdirSync(path);
    throw error;
  }
}

/** Removes what programs of this user left behind that did not end in order: nobody holds its lock. */
async function removeStale(place: string): Promise<void> {
  for (const name of readdirSync(place).filter((name) => name.startsWith(PREFIX))) {
    const path = join(place, name);
    using lock = lockOwn(path);
    if (lock !== undefined) await removeDirectory(path);
  }
}
