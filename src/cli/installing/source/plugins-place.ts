// A directory of plugins that is changed: by one dlrpc at a time, and a plugin at once or not at all.

import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { lockDirectory } from "#platform/files/directory-lock";
import { exchange, renameWritten, syncDirectory } from "#platform/files/renaming";
import { Disposables } from "../../../base/disposables.ts";
import { resolve } from "../../../plugins/trust/resolve.ts";
import { CommandError } from "../../options.ts";
import { tell } from "../../text/output.ts";

const DIRECTORY_MODE = 0o755;
/** Plugins are one level above what lies in it, so that none there is ever found. */
const STAGING = ".dlrpc-staging";
const OLD = "old";

export class PluginsPlace implements Disposable {
  /** Canonical. */
  readonly path: string;
  private readonly opened: Disposables;

  private constructor(path: string, opened: Disposables) {
    this.path = path;
    this.opened = opened;
  }

  /** @param directory is made where it is not there @throws CommandError */
  static make(directory: string): PluginsPlace {
    try {
      const first = mkdirSync(directory, { recursive: true });
      // Others may not write there, whatever the umask (T3).
      if (first !== undefined)
        for (let at = directory; at.length >= first.length; at = dirname(at)) chmodSync(at, DIRECTORY_MODE);
    } catch (error) {
      throw new CommandError(`${directory} cannot be made: ${(error as Error).message}`);
    }
    return PluginsPlace.open(directory);
  }

  /** @throws CommandError where it is not this user's, or another dlrpc is at work there */
  static open(directory: string): PluginsPlace {
    const found = resolve(directory);
    if ("code" in found || !found.isDirectory) {
      throw new CommandError(`${directory} is no directory; plugins are installed in one`);
    }
    const path = found.canonical;
    const { uid } = statSync(path);
    const self = process.geteuid?.() ?? uid; // Windows has none of either
    if (uid !== self) {
      throw new CommandError(`${path} belongs to user ${uid}, and dlrpc runs as user ${self}; run it as the former`);
    }
    try {
      return PluginsPlace.locked(path);
    } catch (error) {
      throw isOfSystem(error) ? new CommandError(`${path} cannot be changed: ${error.message}`) : error;
    }
  }

  private static locked(path: string): PluginsPlace {
    using opened = new Disposables();
    const lock = lockDirectory(path);
    if (lock === undefined) {
      throw new CommandError(`another dlrpc is installing or removing in ${path}; run this again once it has ended`);
    }
    opened.use(lock);
    recover(path);
    return new PluginsPlace(path, opened.move());
  }

  /** A new, empty directory beside the plugins. */
  stage(name: string): string {
    const path = join(this.path, STAGING, name);
    mkdirSync(join(this.path, STAGING), { recursive: true, mode: 0o700 });
    mkdirSync(path);
    return path;
  }

  /**
   * Gives a staged directory a name among the plugins; what had the name is removed.
   * @throws Error where that cannot be done: then nothing has changed
   */
  put(staged: string, name: string): void {
    const target = join(this.path, name);
    if (!isThere(target)) renameWritten(staged, target);
    else if (!exchange(staged, target)) this.replace(staged, name);
    syncDirectory(this.path);
  }

  /** Takes a plugin, or a link to one, out of the directory; it is removed with what is staged. @throws Error */
  remove(name: string): void {
    renameSync(join(this.path, name), join(this.stage("removed"), name));
    syncDirectory(this.path);
  }

  /** Removes what is staged. What cannot be is told: what was to be done is done, or its own error says why not. */
  [Symbol.dispose](): void {
    try {
      clear(this.path);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      tell(`dlrpc: ${error.message}`);
    } finally {
      this.opened.dispose();
    }
  }

  /** For file systems without a better way: for a moment the plugin is not there. */
  private replace(staged: string, name: string): void {
    const target = join(this.path, name);
    const old = join(this.stage(OLD), name);
    renameSync(target, old);
    try {
      renameWritten(staged, target);
    } catch (error) {
      renameSync(old, target);
      throw error;
    }
  }
}

/** What is staged already is of a dlrpc that was killed, perhaps between the two steps of `replace`. */
function recover(place: string): void {
  const old = join(place, STAGING, OLD);
  for (const name of existsSync(old) ? readdirSync(old) : []) {
    if (!isThere(join(place, name))) renameSync(join(old, name), join(place, name));
  }
  clear(place);
}

/** Removes what is staged. @throws CommandError where that cannot be, as of a directory that may not be written to */
function clear(place: string): void {
  const staged = join(place, STAGING);
  try {
    rmSync(staged, { recursive: true, force: true });
  } catch (error) {
    if (!isOfSystem(error)) throw error;
    throw new CommandError(
      `${staged} cannot be removed (${error.code}); remove it, for nothing can be installed or removed before`,
    );
  }
}

/** The directory in which a package has its plugin: itself, or the only one in it. @returns undefined where there is none */
export function pluginRoot(unpacked: string): string | undefined {
  const holds = (directory: string) => existsSync(join(directory, "plugin.json"));
  if (holds(unpacked)) return unpacked;
  const [only, ...others] = readdirSync(unpacked, { withFileTypes: true });
  if (only === undefined || others.length > 0 || !only.isDirectory()) return undefined;
  const inner = join(unpacked, only.name);
  return holds(inner) ? inner : undefined;
}

/** A refusal of the system: a disk that is full, a directory that may not be written to. */
export function isOfSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "errno" in error;
}

/** Links that lead nowhere included. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
