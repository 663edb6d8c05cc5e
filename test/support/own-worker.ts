// Compiles workers for tests, as `npm run build` and `dlrpc build-worker` compile theirs.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CompileOptions, compileWorker } from "../../src/platform/worker-program/compile.ts";
import { projectRoot } from "./paths.ts";

const sources = join(projectRoot, "native");

/** A directory for what is compiled for one test. */
export class Workshop implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "dlrpc-workshop-"));

  /** @param more a further source, in C @returns the program's path @throws Error with what the compiler says */
  worker(options: Omit<CompileOptions, "sources" | "output">, more?: string): string {
    const output = join(this.path, `worker-${options.compiler.split(" ")[0]}`);
    const further = more === undefined ? [] : [this.source("more.c", more)];
    compileWorker({ ...options, sources, output, flags: [...(options.flags ?? []), ...further] });
    return output;
  }

  source(name: string, text: string): string {
    const path = join(this.path, name);
    writeFileSync(path, text);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}
