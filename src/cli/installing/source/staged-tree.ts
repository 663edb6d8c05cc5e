// Writing a package's files into a directory of their own, where nobody else may write to them, and onto the disk.

import { chmodSync, closeSync, fchmodSync, fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { syncDirectory } from "#platform/files/renaming";
import type { PackageNames } from "./names.ts";

const DIRECTORY_MODE = 0o755;
const FILE_MODE = 0o644;
const EXECUTABLE_MODE = 0o755;

export interface StagedFile extends Disposable {
  write(chunk: Uint8Array): void;
  /** To be called once all is written. */
  finish(): void;
}

export class StagedTree {
  private readonly root: string;
  private readonly names: PackageNames;
  private readonly made = new Set<string>();

  /** @param root an empty directory */
  constructor(root: string, names: PackageNames) {
    this.root = root;
    this.names = names;
    chmodSync(root, DIRECTORY_MODE);
    this.made.add(root);
  }

  /** @param name as the package has it @throws CommandError */
  directory(name: string): void {
    const admitted = this.names.admit(name, "directory");
    if (admitted !== undefined) this.make(join(this.root, admitted));
  }

  /**
   * Begins a file.
   * @param name as the package has it
   * @returns where to put its bytes; undefined where it is left out
   * @throws CommandError
   */
  file(name: string, isExecutable: boolean): StagedFile | undefined {
    const admitted = this.names.admit(name, "file");
    if (admitted === undefined) return undefined;
    const path = join(this.root, admitted);
    this.make(dirname(path));
    const descriptor = openSync(path, "wx", FILE_MODE);
    return {
      write: (chunk) => {
        for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
      },
      finish: () => {
        fchmodSync(descriptor, isExecutable ? EXECUTABLE_MODE : FILE_MODE); // whatever the umask
        fsyncSync(descriptor);
      },
      [Symbol.dispose]: () => closeSync(descriptor),
    };
  }

  /** To be called once all is there. */
  finish(): void {
    for (const directory of this.made) syncDirectory(directory);
  }

  private make(directory: string): void {
    if (this.made.has(directory)) return;
    this.make(dirname(directory));
    mkdirSync(directory);
    chmodSync(directory, DIRECTORY_MODE);
    this.made.add(directory);
  }
}
