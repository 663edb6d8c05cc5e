// Owns hearing of changes in directories (inotify(7), by way of Node): that something has changed, or surely has not.

import { type Dirent, type FSWatcher, lstatSync, readdirSync, statfsSync, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import { log } from "./log.ts";

/** What is installed or saved file by file is looked at once, not once for each file. */
const QUIET_MS = 50;

/**
 * File systems of which the kernel tells all that changes, as nobody else writes to them (statfs(2)): ext2 to ext4, XFS,
 * Btrfs, F2FS, bcachefs, ZFS, tmpfs, ramfs, overlayfs, and those that nobody writes to: SquashFS, EROFS, ISO 9660.
 */
const LOCAL: ReadonlySet<number> = new Set([
  ...[0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0xca451a4e, 0x2fc12fc1, 0x01021994, 0x858458f6, 0x794c7630],
  ...[0x73717368, 0xe0f5e1e2, 0x9660],
]);

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
  /** Whether something has changed since `set`, or may have, unheard of. */
  private isOutOfDate = true;
  /** The first of the paths, and which directories they were. */
  private roots: ReadonlyMap<string, string> = new Map();
  private hasFailed = false;
  private isClosed = false;

  constructor(changed: () => void) {
    this.changed = changed;
  }

  /**
   * Watches these and no others; of one that is not there, the name that it would be made under.
   * @param roots directories that may be another each time they are looked for: links may lead there
   * @param innerOf looks for directories in these, once they are watched
   */
  set(roots: readonly string[], innerOf: () => readonly string[]): void {
    if (this.isClosed) return;
    this.isOutOfDate = false;
    this.roots = new Map(roots.map((path) => [path, keyOf(path) ?? ""]));
    const wanted = new Map<string, Names>();
    const keys = new Map<string, string | undefined>(); // many have a directory above them in common
    const want = (path: string) => {
      const { there, key, missing } = nearestThere(path, keys);
      const names = withName(wanted.get(key) ?? [], missing);
      wanted.set(key, names);
      const known = this.watched.get(key);
      if (known === undefined) this.open(key, there, names);
      else known.names = names;
    };
    roots.forEach(want);
    const inner = innerOf();
    inner.forEach(want);
    for (const [key, { watcher }] of this.watched) if (!wanted.has(key)) this.forget(key, watcher);
    if (!tellsAll([...roots, ...inner], inner)) this.isOutOfDate = true;
  }

  /**
   * Whether all is as it was when `set` was called. What was changed before this is called has been heard of by then:
   * the kernel tells of a change before whoever makes it goes on, and the event loop takes what the kernel has told in
   * each of its turns, of which a whole one passes.
   */
  async isAsItWas(): Promise<boolean> {
    if (this.isOutOfDate) return false;
    await setImmediate(); // the rest of the turn that is under way
    await setImmediate();
    return !this.isOutOfDate && [...this.roots].every(([path, key]) => (keyOf(path) ?? "") === key);
  }

  /** Nothing is heard of any more, whatever is set. */
  close(): void {
    this.isClosed = true;
    this.isOutOfDate = true;
    clearTimeout(this.pending);
    for (const { watcher } of this.watched.values()) watcher.close();
    this.watched.clear();
  }

  private open(key: string, path: string, names: Names): void {
    try {
      const watcher = watch(path, { persistent: false }, (event, name) => {
        const names: Names = this.watched.get(key)?.names ?? [];
        // So, too, it is told that the directory itself goes, and that nothing more is heard of it.
        const mayBeGone = event === "rename" && name === basename(path);
        if (mayBeGone) this.forget(key, watcher);
        if (mayBeGone || names === "all" || name === null || names.includes(name)) this.notice();
      });
      watcher.on("error", (error) => {
        this.forget(key, watcher);
        this.failed(path, error); // the next look, whenever that is, finds out what is there
      });
      this.watched.set(key, { watcher, names });
    } catch (error) {
      this.failed(path, error as Error);
    }
  }

  private forget(key: string, watcher: FSWatcher): void {
    watcher.close();
    if (this.watched.get(key)?.watcher === watcher) this.watched.delete(key);
  }

  private failed(path: string, error: Error): void {
    this.isOutOfDate = true;
    log(this.hasFailed ? "debug" : "warn", `changes in ${path} are not heard of: ${error.message}`);
    this.hasFailed = true;
  }

  private notice(): void {
    this.isOutOfDate = true;
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
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isDirectory() ? `${path}\0${found.dev}:${found.ino}` : undefined;
  } catch {
    return undefined; // links in a circle, a directory on the way that may not be entered: nothing can be reached there
  }
}

/** Whether whatever changes in these directories is told by watching them: nothing of it is elsewhere. */
function tellsAll(paths: readonly string[], inner: readonly string[]): boolean {
  const isLocal = new Map<number, boolean>();
  const isTold = (path: string) => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() !== true) return found === undefined; // one that is made is told of
    if (!isLocal.has(found.dev)) isLocal.set(found.dev, LOCAL.has(statfsSync(path).type));
    return isLocal.get(found.dev) === true && !entriesOf(path).some((entry) => entry.isSymbolicLink());
  };
  try {
    return paths.every(isTold) && !inner.some((path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink());
  } catch {
    return false; // what cannot be reached may come to be reached without a word
  }
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return []; // what cannot be listed holds nothing; that it can be is told
  }
}
