// A copy of the built program whose parts can be taken away and replaced. It lies where it finds its dependencies.

import { randomUUID } from "node:crypto";
import { copyFileSync, cpSync, mkdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
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

  /** Puts back what is not JavaScript. */
  restore(): void {
    for (const part of ["native", "workers"])
      cpSync(join(built, part), join(this.directory, part), { recursive: true });
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
