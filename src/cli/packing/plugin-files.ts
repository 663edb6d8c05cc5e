// What of a plugin's directory goes into a package: all of it, as it lies there, so that signatures still hold.

import { isUtf8 } from "node:buffer";
import { constants, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isWithin } from "../../base/paths.ts";
import { resolve } from "../../plugins/trust/resolve.ts";
import { CommandError } from "../options.ts";
import type { BundledFile } from "./file.ts";

/** What editors, version control and desktops leave behind begins with it. */
const HIDDEN = ".";

/**
 * The files of a plugin, in a fixed order; in the place of a link stands what it leads to.
 * @param plugin its directory, canonical
 * @param prefix where it goes in the package, with `/` at its end
 * @throws CommandError for what cannot be packed: what is no file, and links to directories and out of the plugin
 */
export function pluginFiles(plugin: string, prefix: string): BundledFile[] {
  const filesIn = (directory: string, prefix: string): BundledFile[] =>
    namesIn(directory).flatMap((name) => {
      const path = join(directory, name);
      const found = resolve(path);
      if ("code" in found) throw new CommandError(`${path} cannot be reached (${found.code}); mend or remove it`);
      const { canonical, isDirectory } = found;
      const isLink = canonical !== path;
      if (isLink && (isDirectory || !isWithin(canonical, plugin))) {
        throw new CommandError(`${path} leads to ${canonical}; links to files of the plugin only can be packed`);
      }
      if (isDirectory) return filesIn(path, `${prefix}${name}/`);
      const stat = statSync(canonical);
      if (!stat.isFile()) throw new CommandError(`${path} is neither a file nor a directory; remove it`);
      const isExecutable = (stat.mode & constants.S_IXUSR) !== 0;
      return [{ name: prefix + name, content: { path: canonical }, isExecutable }];
    });
  return filesIn(plugin, prefix);
}

function namesIn(directory: string): string[] {
  return readdirSync(directory, { encoding: "buffer" })
    .map((name) => {
      if (isUtf8(name) && !name.includes("\\")) return String(name);
      throw new CommandError(`${join(directory, String(name))}: names in a package are UTF-8, without \\; rename it`);
    })
    .filter((name) => !name.startsWith(HIDDEN))
    .sort();
}
