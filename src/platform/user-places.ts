// Owns where programs of a user keep their files, as each system has it.

import { homedir, userInfo } from "node:os";
import { posix, win32 } from "node:path";
import { system } from "#platform/program/system";

export interface UserPlaces {
  /** What can be made anew. */
  readonly cache: string;
  /** Settings of programs with windows. */
  readonly settings: string;
  /** Settings of programs that do on macOS as on Linux. */
  readonly unixSettings: string;
}

/**
 * On Linux by the XDG Base Directory Specification, on macOS by its File System Programming Guide, on Windows by the known
 * folders LocalAppData and RoamingAppData, as the environment has them. What is not absolute there says nothing.
 * @param home absolute
 */
export function userPlacesOf(of: typeof system, environment: NodeJS.ProcessEnv, home: string): UserPlaces {
  const { join, isAbsolute } = of === "windows" ? win32 : posix;
  const named = (name: string, ...otherwise: readonly string[]) => {
    const path = environment[name];
    return path !== undefined && isAbsolute(path) ? path : join(home, ...otherwise);
  };
  switch (of) {
    case "windows": {
      const settings = named("APPDATA", "AppData", "Roaming");
      return { cache: named("LOCALAPPDATA", "AppData", "Local"), settings, unixSettings: settings };
    }
    case "macos": {
      const library = join(home, "Library");
      return {
        cache: join(library, "Caches"),
        settings: join(library, "Application Support"),
        unixSettings: named("XDG_CONFIG_HOME", ".config"),
      };
    }
    case "linux": {
      const settings = named("XDG_CONFIG_HOME", ".config");
      return { cache: named("XDG_CACHE_HOME", ".cache"), settings, unixSettings: settings };
    }
  }
}

/** Those of the user who runs this. */
export function userPlaces(): UserPlaces {
  const home = homedir(); // HOME as it is: where it is relative, the user database knows better
  const known = (system === "windows" ? win32 : posix).isAbsolute(home) ? home : userInfo().homedir;
  return userPlacesOf(system, process.env, known);
}
