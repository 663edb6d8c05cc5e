// Owns the file of the audit log: lines that are appended whole or not at all, and that never stop the program.

import { constants, fstatSync, ftruncateSync, openSync, type Stats, writeSync } from "node:fs";
import { resolve } from "node:path";
import { closing } from "../base/closing.ts";
import { messageOf } from "../base/failures.ts";
import { log } from "./log.ts";

/**
 * Not through a link at its end, and not into a device or a FIFO: a plugin that may write where the log lies could
 * otherwise have dlrpc, which nothing confines, write elsewhere, or wait for ever.
 */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Of a file that is not there yet: what plugins do is its owner's business. */
const MODE = 0o600;

export class AuditLog {
  private readonly path: string;
  /** Lines since the last that was written. */
  private lost = 0;
  /** What has to come before the next line. */
  private before = "";

  private readonly withDescriptor: (work: () => void) => void;

  /**
   * @param path relative to the working directory
   * @param withDescriptor does what needs one descriptor, also when there is no other
   * @throws Error where no line could be appended now
   */
  constructor(path: string, withDescriptor: (work: () => void) => void) {
    this.path = resolve(path);
    this.withDescriptor = withDescriptor;
    this.withFile(requireRegular);
  }

  /** Appends one line. Where that fails, a warning is logged once, and the line that is written next says what is missing. */
  append(entry: object): void {
    const gap = this.lost === 0 ? "" : lineOf({ time: now(), pid: process.pid, event: "lost", lines: this.lost });
    try {
      const bytes = Buffer.from(this.before + gap + lineOf(entry));
      this.withDescriptor(() => this.withFile((file) => this.writeWhole(file, bytes)));
    } catch (error) {
      this.lost++;
      if (this.lost > 1) return;
      log("warn", `${this.path}: the audit log cannot be written, calls go on without it: ${messageOf(error)}`);
      return;
    }
    if (this.lost > 0) log("warn", `${this.path}: the audit log is written again; ${this.lost} lines are missing`);
    this.lost = 0;
    this.before = "";
  }

  /** The file is opened anew each time: whoever renames it to rotate it need tell nobody. */
  private withFile(action: (file: number) => unknown): void {
    const file = openSync(this.path, FLAGS, MODE);
    using _ = closing(file);
    action(file);
  }

  /** With one write(2), so that what others append to the same file comes before or behind. @throws Error */
  private writeWhole(file: number, bytes: Buffer): void {
    const { size } = requireRegular(file);
    const written = writeSync(file, bytes);
    if (written === bytes.length) return;
    this.takeBack(file, size, written);
    throw new Error(`there was room for ${written} of ${bytes.length} bytes`);
  }

  /** Part of a line is worse than none. Where another process has appended meanwhile, it can only be ended. */
  private takeBack(file: number, sizeBefore: number, written: number): void {
    this.before = "\n";
    if (fstatSync(file).size !== sizeBefore + written) return;
    ftruncateSync(file, sizeBefore);
    this.before = "";
  }
}

function requireRegular(file: number): Stats {
  const stat = fstatSync(file);
  if (!stat.isFile()) throw new Error("it is not a regular file");
  return stat;
}

/** The time as audit lines have it: ISO 8601, UTC, in milliseconds. */
export function now(): string {
  return new Date().toISOString();
}

function lineOf(entry: object): string {
  return `${JSON.stringify(entry)}\n`;
}
