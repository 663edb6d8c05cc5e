// Which directories plugins may be loaded from (T1, T2).

import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { isWithin } from "../../base/paths.ts";
import { ownSystem } from "../libraries/platform-directory.ts";
import { resolve } from "./resolve.ts";

/** The directories below a home or a workspace in which VT Code looks for plugins. */
const PLUGIN_FOLDERS = [join(".vtcode", "plugins"), join(".agents", "plugins")];

const SHARE = /^[\\/]{2}(?:\?[\\/]+UNC[\\/]+)?([^\\/?.][^\\/]*)[\\/]+([^\\/]+)/i;

export class Trust {
  private readonly directories = new Set<string>();

  add(...directories: readonly string[]): void {
    for (const directory of directories) this.directories.add(directory);
  }

  /** All of them, also those that do not exist yet, as they were given. */
  get all(): readonly string[] {
    return [...this.directories];
  }

  /** The trusted directories that exist, canonical, in the order in which they were added, each once. */
  get canonical(): string[] {
    return [...new Set([...this.directories].flatMap((directory) => canonicalDirectory(directory) ?? []))];
  }

  /** The canonical path of a directory that is trusted or lies in one that is, else undefined. */
  canonicalOf(directory: string): string | undefined {
    const canonical = this.reaches(directory) ? canonicalDirectory(directory) : undefined;
    return canonical !== undefined && this.holderOf(canonical) !== undefined ? canonical : undefined;
  }

  /** By which names a canonical directory is trusted, as they were given: links may lead there. */
  namesOf(canonicalPath: string): string[] {
    return this.all.filter((directory) => canonicalDirectory(directory) === canonicalPath);
  }

  /** Whether a directory is trusted on the server's share that a path lies on, or it lies on none. */
  reaches(path: string): boolean {
    const share = shareOf(path);
    return share === undefined || [...this.all, ...this.canonical].some((directory) => shareOf(directory) === share);
  }

  /** The trusted directory that a canonical path is or lies in, or undefined. */
  holderOf(canonicalPath: string): string | undefined {
    return this.canonical.find((directory) => isWithin(canonicalPath, directory));
  }
}

/** The directories that are trusted when nobody says anything (T1). */
export function defaultTrustedDirectories(environment: NodeJS.ProcessEnv): string[] {
  const listed = environment.DLRPC_TRUSTED_DIRS?.split(delimiter).filter((directory) => directory !== "") ?? [];
  return [...listed, ...(hasHome(environment) ? pluginFolders(homeOf(environment)) : [])];
}

/** The directory for the plugins of this user; undefined where it is not known. */
export function userPlugins(environment: NodeJS.ProcessEnv): string | undefined {
  return hasHome(environment) ? pluginFolders(homeOf(environment))[0] : undefined;
}

/** A relative one would be where dlrpc was started. */
function hasHome(environment: NodeJS.ProcessEnv): boolean {
  return isAbsolute(homeOf(environment));
}

function homeOf(environment: NodeJS.ProcessEnv): string {
  return environment.HOME ?? homedir();
}

/** A workspace's own plugin directories: trusted only on request, for opening a repository must not run its code. */
export function pluginFolders(root: string): string[] {
  return PLUGIN_FOLDERS.map((folder) => join(root, folder));
}

/** What does not exist may be made later; it holds no plugin now. */
function canonicalDirectory(directory: string): string | undefined {
  const found = resolve(directory);
  return "canonical" in found && found.isDirectory ? found.canonical : undefined;
}

/**
 * Which server's share a path of Windows lies on: whoever opens such a path sends the user's credentials there.
 * @returns `\\server\share` in lower case; undefined where the path lies on this machine, as far as its text says
 */
export function shareOf(path: string, system = ownSystem): string | undefined {
  const [, server, share] = (system === "win32" ? SHARE.exec(path) : null) ?? [];
  return server === undefined ? undefined : `\\\\${server}\\${share}`.toLowerCase();
}
