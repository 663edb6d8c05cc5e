// A gate that a call of the hostile plugin waits at (do: "wait_at_gate"): a test knows that the call is inside the
// plugin, and lets it go on. No clock is involved.

import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class Gate implements AsyncDisposable {
  private readonly directory = mkdtempSync(join(tmpdir(), "dlrpc-gate-"));
  private readonly fifo = join(this.directory, "gate");
  private opening: Promise<FileHandle> | undefined;
  private writer: FileHandle | undefined;

  constructor() {
    execFileSync("mkfifo", [this.fifo]);
  }

  /** For the params of a call. */
  get input(): { input: { do: string; gate: string } } {
    return this.at("wait_at_gate");
  }

  /** As `input`, for a call that does something before it waits. */
  at(what: string): { input: { do: string; gate: string } } {
    return { input: { do: what, gate: this.fifo } };
  }

  /** Waits until a call stands at the gate. */
  async reached(): Promise<void> {
    this.opening = open(this.fifo, "w"); // comes back when there is a reader
    this.writer = await this.opening;
  }

  /** Lets the call that stands there go on. */
  async open(): Promise<void> {
    await this.writer?.close();
    this.writer = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const reader = openSync(this.fifo, constants.O_RDONLY | constants.O_NONBLOCK); // for one that nobody has reached
    await this.opening;
    await this.open();
    closeSync(reader);
    rmSync(this.directory, { recursive: true });
  }
}
