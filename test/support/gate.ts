// Gates that the hostile plugin waits at: a test knows that it stands there, and lets it go on. No clock is involved.

import { execFileSync } from "node:child_process";
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

abstract class FifoGate implements AsyncDisposable {
  private readonly directory = mkdtempSync(join(tmpdir(), "dlrpc-gate-"));
  protected readonly fifo = join(this.directory, "gate");
  private opening: Promise<FileHandle> | undefined;

  protected make(): void {
    execFileSync("mkfifo", [this.fifo]);
  }

  /** Waits until a plugin stands at the gate. */
  async reached(): Promise<void> {
    this.opening = open(this.fifo, "w"); // comes back when there is a reader
    await this.opening;
  }

  /** Lets go on what stands there. */
  async open(): Promise<void> {
    const opening = this.opening;
    this.opening = undefined;
    await (await opening)?.close();
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

/** One for calls (do: "wait_at_gate"). */
export class Gate extends FifoGate {
  constructor() {
    super();
    this.make();
  }

  /** For the params of a call. */
  get input(): { input: { do: string; gate: string } } {
    return this.at("wait_at_gate");
  }

  /** As `input`, for a call that does something before it waits. */
  at(what: string): { input: { do: string; gate: string } } {
    return { input: { do: what, gate: this.fifo } };
  }
}

/** One for loads and restarts, of the variant constructor-waits, once it is shut. */
export class LoadGate extends FifoGate {
  /** For dlrpc: it lets variables of this kind through. */
  readonly environment = { LC_HOSTILE_GATE: this.fifo };

  /** What is loaded from now on waits. */
  shut(): void {
    this.make();
  }

  /** Lets go on what stands there, and what is loaded from now on. */
  override async open(): Promise<void> {
    rmSync(this.fifo);
    await super.open();
  }
}
