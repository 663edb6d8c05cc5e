// A gate that the hostile plugin's variant constructor-waits waits at while it is loaded, once the gate is shut: a test
// knows that a load or a restart is on its way, and lets it go on. No clock is involved.

import { execFileSync } from "node:child_process";
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class LoadGate implements AsyncDisposable {
  private readonly directory = mkdtempSync(join(tmpdir(), "dlrpc-gate-"));
  private readonly fifo = join(this.directory, "gate");
  /** For dlrpc: it lets variables of this kind through. */
  readonly environment = { LC_HOSTILE_GATE: this.fifo };
  private opening: Promise<FileHandle> | undefined;

  /** What is loaded from now on waits. */
  shut(): void {
    execFileSync("mkfifo", [this.fifo]);
  }

  /** Waits until a plugin that is being loaded stands at the gate. */
  async reached(): Promise<void> {
    this.opening = open(this.fifo, "w"); // comes back when there is a reader
    await this.opening;
  }

  /** Lets go on what stands there, and what is loaded from now on. */
  async open(): Promise<void> {
    rmSync(this.fifo);
    await (await this.opening)?.close();
    this.opening = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (existsSync(this.fifo)) {
      const reader = openSync(this.fifo, constants.O_RDONLY | constants.O_NONBLOCK); // where nobody has reached it
      await this.open();
      closeSync(reader);
    }
    rmSync(this.directory, { recursive: true });
  }
}
