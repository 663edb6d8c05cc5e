// A copy of the built program whose parts can be taken away and replaced. It lies where it finds its dependencies.

import { randomUUID } from "node:crypto";
import { copyFileSync, cpSync, mkdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { shippedWorker } from "./hand-worker.ts";
import { program } from "./paths.ts";

const built = dirname(program);

export class ProgramCopy implements Disposable {
  readonly directory = join(built, `copy-${randomUUID()}`);
  /** The command that starts it. */
  readonly command: readonly string[] = [process.execPath, join(this.directory, basename(program))];
  /** The worker of this system. */
  readonly worker = join(this.directory, "workers", `${process.platform}-${process.arch}`);

  constructor() {
    mkdirSync(this.directory);
    for (const script of [basename(program), "serve.cjs", "verbs.cjs"])
      copyFileSync(join(built, script), join(this.directory, script));
    this.restore();
  }

  /** Puts back the worker of this system, and the sources of workers. */
  restore(): void {
    cpSync(join(built, "native"), join(this.directory, "native"), { recursive: true });
    this.addWorker(shippedWorker);
  }

  /** Adds one for another system, under the name that it has. */
  addWorker(path: string): void {
    mkdirSync(dirname(this.worker), { recursive: true });
    copyFileSync(path, join(dirname(this.worker), basename(path)));
  }

  /** Takes a part away: `workers`, `native`. */
  remove(part: string): void {
    rmSync(join(this.directory, part), { recursive: true });
  }

  /** Puts another program in the place of the worker. */
  useWorker(path: string): void {
    rmSync(this.worker);
    copyFileSync(path, this.worker);
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }
}
