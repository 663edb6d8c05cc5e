// Owns which files the code of a crashed process came from, as far as dlrpc reads them: its copies of the plugin's own, and
// the system's. A plugin can name any file in the record of its crash, also one that keeps whoever opens it waiting.

import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import { join, normalize, relative } from "node:path";
import { nameOfRunnable, type RunnableProgram } from "#platform/processes/runnable";
import { Disposables } from "../../base/disposables.ts";
import { log } from "../../observe/log.ts";
import { ElfOnDisk } from "../../plugins/formats/elf/elf-on-disk.ts";
import { isMachO } from "../../plugins/formats/macho/macho.ts";
import { MachOOnDisk } from "../../plugins/formats/macho/macho-on-disk.ts";
import { InspectionError } from "../../plugins/formats/reader.ts";
import type { LibraryCopy } from "../library-copy.ts";
import { type Mapping, withoutState } from "./crash-record.ts";

const SYSTEM_DIRECTORIES = [
  "/lib/",
  "/lib32/",
  "/lib64/",
  "/usr/lib/",
  "/usr/lib32/",
  "/usr/lib64/",
  "/usr/local/lib/",
];

/** A file with code. */
export type CodeFile = ElfOnDisk | MachOOnDisk;

export class LoadedLibraries implements Disposable {
  private readonly copy: LibraryCopy;
  private readonly directory: string | undefined;
  private readonly program: string | undefined;
  private readonly opened = new Map<string, CodeFile | undefined>();

  /** @param copy what the process has loaded @param program the worker's */
  constructor(copy: LibraryCopy, program: RunnableProgram) {
    this.copy = copy;
    this.program = attempt("its worker", () => withoutState(nameOfRunnable(program)));
    this.directory = attempt("the plugin's copy", () => copy.directory && realpathSync(copy.directory));
  }

  /** What the mapping's file is a copy of; undefined where it is none of the plugin's own. */
  originalOf({ path }: Mapping): string | undefined {
    return this.copy.originals.get(this.ownName(path));
  }

  isWorker({ path }: Mapping): boolean {
    return path === this.program;
  }

  /** Reads in the file of a mapping. @returns undefined where that cannot be read, or is damaged */
  read<T>(mapping: Mapping, look: (file: CodeFile) => T): T | undefined {
    const { path } = mapping;
    if (!this.opened.has(path))
      this.opened.set(
        path,
        attempt(path, () => this.open(path)),
      );
    const file = this.opened.get(path);
    return file && attempt(path, () => look(file));
  }

  private open(path: string): CodeFile | undefined {
    const own = this.ownName(path);
    if (this.copy.originals.has(own)) return openCode(this.copy.openAs ?? own);
    const isSystems = normalize(path) === path && SYSTEM_DIRECTORIES.some((directory) => path.startsWith(directory));
    return isSystems ? openCode(path) : undefined;
  }

  /** As dlrpc has named it, without links on the way. */
  private ownName(path: string): string {
    const { directory } = this;
    if (directory === undefined || !path.startsWith(`${directory}/`)) return path;
    return join(this.copy.directory ?? directory, relative(directory, path));
  }

  [Symbol.dispose](): void {
    for (const file of this.opened.values()) file?.[Symbol.dispose]();
  }
}

function openCode(path: string): CodeFile {
  using begun = new Disposables();
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  begun.defer(() => closeSync(descriptor));
  if (!fstatSync(descriptor).isFile()) throw new InspectionError("no regular file");
  const magic = Buffer.alloc(4);
  readSync(descriptor, magic, 0, magic.length, 0);
  const file = isMachO(magic.readUInt32BE(0)) ? new MachOOnDisk(descriptor) : new ElfOnDisk(descriptor);
  begun.move();
  return file;
}

/** A crash is told without what cannot be found out. */
function attempt<T>(path: string, act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    const isExpected = error instanceof InspectionError || (error instanceof Error && "syscall" in error);
    if (!isExpected) throw error;
    log("debug", `a backtrace goes without ${path}: ${error.message}`);
    return undefined;
  }
}
