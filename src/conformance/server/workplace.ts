// The directory of one run of a transcript: what is put there, changed and looked for.

import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { libraryName, libraryOf } from "../plugins/plugins.ts";
import type { FileAction, FileKind, FileOperation } from "../transcript/format.ts";
import type { Pieces } from "../transcript/pieces.ts";
import type { Variables } from "../transcript/variables.ts";

const DIRECTORY_MODE = 0o755;
const FILE_MODE = 0o644;

/** A directory of its own for whoever asks, canonical and writable by nobody else. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "dlrpc-conformance-")));
  await chmod(directory, DIRECTORY_MODE);
  return directory;
}

export class Workplace implements AsyncDisposable {
  readonly directory: string;
  private readonly plugins: string;
  private readonly variables: Variables;

  constructor(directory: string, plugins: string, variables: Variables) {
    this.directory = directory;
    this.plugins = plugins;
    this.variables = variables;
  }

  async apply(operations: readonly FileOperation[]): Promise<void> {
    for (const { kind, action } of operations) await (this.actions[kind] as (action: unknown) => Promise<void>)(action);
  }

  has(name: string): boolean {
    return existsSync(this.path(name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Windows removes no library before the processes that have it have ended, which takes them up to 2 s (L4).
    await rm(this.directory, { recursive: true, force: true, maxRetries: 10 });
  }

  private readonly actions: { [K in FileKind]: (action: FileAction<K>) => Promise<void> } = {
    plugin: async ({ plugin, at, manifest = {}, library }) => {
      const directory = await this.makeDirectory(this.path(at));
      const members = {
        name: basename(directory),
        description: "Made for a transcript",
        version: "1.0.0",
        abi_version: 1,
      };
      const isText = typeof manifest === "string" || Array.isArray(manifest) || manifest === null || isPieces(manifest);
      const named = isText ? members : { ...members, ...manifest };
      if (manifest !== null) {
        const content = isText ? this.variables.expandPieces(manifest as Pieces) : JSON.stringify(named);
        await this.write(join(directory, "plugin.json"), content, FILE_MODE);
      }
      if (library === null) return;
      const file = library === undefined ? libraryName(String(named.name)) : this.variables.expandText(library);
      await this.copyLibrary(plugin, join(directory, file));
    },
    write: ({ write, content, mode = FILE_MODE }) =>
      this.write(this.path(write), this.variables.expandPieces(content), mode),
    copyLibrary: ({ copyLibrary, to }) => this.copyLibrary(copyLibrary, this.path(to)),
    directory: async ({ directory, mode }) => {
      await this.makeDirectory(this.path(directory), mode);
    },
    link: async ({ link, to }) => {
      await this.makeDirectory(dirname(this.path(link)));
      await symlink(this.variables.expandText(to), this.path(link));
    },
    chmod: ({ chmod: name, mode }) => chmod(this.path(name), mode),
    rename: ({ rename: name, to }) => rename(this.path(name), this.path(to)),
    remove: ({ remove }) => rm(this.path(remove), { recursive: true }),
  };

  private path(name: string): string {
    return resolve(this.directory, this.variables.expandText(name));
  }

  /** Makes it and what is missing above it, with just this mode, whatever the umask. */
  private async makeDirectory(path: string, mode = DIRECTORY_MODE): Promise<string> {
    const first = await mkdir(path, { recursive: true });
    for (let at = path; first !== undefined && at.startsWith(first); at = dirname(at)) await chmod(at, DIRECTORY_MODE);
    if (mode !== DIRECTORY_MODE) await chmod(path, mode);
    return path;
  }

  /** Writes into the file that is there, if there is one: who has it open sees the change. */
  private async write(path: string, content: string | Buffer, mode: number): Promise<void> {
    await this.makeDirectory(dirname(path));
    await writeFile(path, content);
    await chmod(path, mode);
  }

  private async copyLibrary(plugin: string, path: string): Promise<void> {
    await this.makeDirectory(dirname(path));
    await copyFile(libraryOf(this.plugins, plugin), path);
    await chmod(path, DIRECTORY_MODE);
  }
}

/** Whether an object says bytes, and is no manifest. */
function isPieces(object: object): boolean {
  return "base64" in object || "repeat" in object;
}
