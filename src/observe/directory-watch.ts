// Owns hearing of changes in directories (inotify(7), by way of Node): not what has changed, only that something has.

import { type FSWatcher, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { log } from "./log.ts";

/** What is installed or saved file by file is looked at once, not once for each file. */
const QUIET_MS = 50;

/** Whose changes matter in a directory. */
type Names = "all" | readonly string[];

interface Watched {
  readonly watcher: FSWatcher;
  names: Names;
}

export class DirectoryWatch {
  private readonly changed: () => void;
  /** By path, and by which directory that was: another may have taken its place. */
  private readonly watched = new Map<string, Watched>();
  private pending: NodeJS.Timeout | undefined;
  private hasFailed = false;
  private isClosed = false;

  constructor(changed: () => void) {
    this.changed = changed;
  }

  /** Watches these and no others; of one that is not there, the name that it would be made under. */
  set(paths: readonly string[]): void {
    if (this.isClosed) return;
    const wanted = new Map<string, [path: string, names: Names]>();
    const keys = new Map<string, string | undefined>(); // many have a directory above them in common
    for (const path of paths) {
      const { there, key, missing } = nearestThere(path, keys);
      wanted.set(key, [there, withName(wanted.get(key)?.[1] ?? [], missing)]);
    }
    for (const [key, { watcher }] of this.watched) {
      if (wanted.has(key)) continue;
      watcher.close();
      this.watched.delete(key);
    }
    for (const [key, [path, names]] of wanted) {
      const known = this.watched.get(key);
      if (known === undefined) this.open(key, path, names);
      else known.names = names;
    }
  }

  /** Nothing is heard of any more, whatever is set. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.pending);
    for (const { watcher } of this.watched.values()) watcher.close();
    this.watched.clear();
  }

  private open(key: string, path: string, names: Names): void {
    try {
      const watcher = watch(path, { persistent: false }, (_, name) => {
        const names: Names = this.watched.get(key)?.names ?? [];
        if (names === "all" || name === null || names.includes(name)) this.notice();
      });
      watcher.on("error", (error) => this.failed(path, error)); // the next look, whenever that is, finds out what is there
      this.watched.set(key, { watcher, names });
    } catch (error) {
      this.failed(path, error as Error);
    }
  }

  private failed(path: string, error: Error): void {
    log(this.hasFailed ? "debug" : "warn", `changes in ${path} are not heard of: ${error.message}`);
    this.hasFailed = true;
  }

  private notice(): void {
    this.pending ??= setTimeout(() => {
      this.pending = undefined;
      this.changed();
    }, QUIET_MS);
  }
}

/** @param name undefined: all that is there matters */
function withName(names: Names, name: string | undefined): Names {
  return names === "all" || name === undefined ? "all" : [...names, name];
}

/** The nearest directory above a path that is there, or the path; and what of the path is missing first. */
interface Nearest {
  readonly there: string;
  readonly key: string;
  readonly missing: string | undefined;
}

/** @param keys of the paths that were looked at; undefined for what is no directory */
function nearestThere(path: string, keys: Map<string, string | undefined>, missing?: string): Nearest {
  const above = dirname(path);
  if (!keys.has(path)) keys.set(path, keyOf(path));
  const key = keys.get(path) ?? (above === path ? path : undefined);
  return key === undefined ? nearestThere(above, keys, basename(path)) : { there: path, key, missing };
}

function keyOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() ? `${path}\0${found.dev}:${found.ino}` : undefined;
}
