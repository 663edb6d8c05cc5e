// Owns a reader's own directory, in which a page of the documentation is followed: dlrpc is on the PATH, the headers are in
// protocol/, and npm has installed dlrpc and what pages import.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "./page.ts";
import { goCache, ownProgram, projectRoot } from "./paths.ts";

const execute = promisify(execFile);

export class Reader implements Disposable {
  /** Canonical. */
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-reader-")));
  readonly env: NodeJS.ProcessEnv;

  constructor() {
    const bin = join(this.path, "bin");
    mkdirSync(bin);
    const script = `#!/bin/sh\nexec ${ownProgram.map((part) => `'${part}'`).join(" ")} "$@"\n`;
    writeFileSync(join(bin, "dlrpc"), script, { mode: 0o755 });
    this.env = { ...process.env, HOME: this.path, GOCACHE: goCache, PATH: `${bin}${delimiter}${process.env.PATH}` };
    symlinkSync(join(projectRoot, "protocol"), join(this.path, "protocol"));
    mkdirSync(join(this.path, "node_modules"));
    const installed = { dlrpc: ".", "vscode-jsonrpc": "node_modules/vscode-jsonrpc" };
    for (const [name, from] of Object.entries(installed))
      symlinkSync(join(projectRoot, from), join(this.path, "node_modules", name));
  }

  /** Makes the files that the page shows under a name. */
  copy(page: Page): void {
    for (const { file, code } of page.blocks) if (file !== undefined) this.write(file, code);
  }

  write(file: string, text: string | Uint8Array): void {
    const path = join(this.path, file);
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 }); // which nobody else may write to
    writeFileSync(path, text, { mode: 0o644 });
  }

  /** Runs lines as a shell does, of which each has to succeed. @returns all that they print to stdout */
  async run(lines: string): Promise<string> {
    return (await execute("sh", ["-euc", lines], { cwd: this.path, env: this.env })).stdout;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}
