// Directories of plugins made for one test: built fixtures, copied and described anew.

import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { compileLibrary } from "../../fixtures/compile.ts";
import { manifestText } from "../../fixtures/manifest.ts";
import { libraryName } from "../../fixtures/plugins.ts";
import { plugin, projectRoot } from "./paths.ts";
import { TemporaryDirectory } from "./temporary-directory.ts";

export interface PluginOptions {
  /** Whose library it is: a fixture, or the path of any file. null: it has none. Default: the counter's. */
  library?: string | null;
  /** The library's file names. Default: the usual one for the plugin's name. */
  as?: readonly string[];
  /** plugin.json: what differs from a good one (undefined leaves a member out), or its text. null: it has none. */
  manifest?: object | string | Uint8Array | null;
}

/** A temporary directory of plugins that nobody else may write to. */
export class PluginDirectory extends TemporaryDirectory {
  /** Adds a plugin in the directory `name`, by default under that name. @returns its directory */
  add(name: string, { library = "counter", as = [libraryName(name)], manifest = {} }: PluginOptions = {}): string {
    const directory = this.directory(name);
    if (library !== null) for (const file of as) this.library(join(name, file), library);
    if (manifest !== null) {
      const isText = typeof manifest === "string" || manifest instanceof Uint8Array;
      this.file(join(name, "plugin.json"), isText ? manifest : manifestText({ name, ...manifest }));
    }
    return directory;
  }

  /** Makes a directory. @returns its path */
  directory(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o755); // whatever the umask
    return path;
  }

  file(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    chmodSync(path, 0o644);
    return path;
  }

  /** Copies a library, a fixture's or any file. */
  library(name: string, from: string): string {
    const path = join(this.path, name);
    copyFileSync(libraryOf(from), path);
    chmodSync(path, 0o755);
    return path;
  }
}

/** The library file of a fixture; any other path stands for itself. */
export function libraryOf(from: string): string {
  if (from.includes("/")) return from;
  const directory = plugin(from);
  const file = readdirSync(directory).find((name) => extname(name) === extname(libraryName("any")));
  if (file === undefined) throw new Error(`${directory} holds no library`);
  return join(directory, file);
}

/** Builds the plugin that takes the table and does with it what a test says. @returns the plugin's directory */
export async function addReporter(plugins: PluginDirectory, name = "reporter", metadata: object = {}): Promise<string> {
  const directory = plugins.add(name, { library: null });
  await compileLibrary({
    language: "c",
    sources: [join(projectRoot, "protocol", "conformance", "plugins", "reporter.c")],
    output: join(directory, libraryName(name)),
    defines: { METADATA: JSON.stringify(manifestText({ name, ...metadata })) },
    flags: ["-fvisibility=hidden"],
  });
  return directory;
}
