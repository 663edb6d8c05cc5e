// Owns the directory of receipts: whole files or none, bounded in number and bytes, and read by nobody but their owner.

import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writevSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { closing } from "../base/closing.ts";
import { messageOf, tolerating } from "../base/failures.ts";
import { log } from "./log.ts";

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/** Of all that are in the directory; the oldest go first. */
export const MOST_RECEIPTS = 100;
export const MOST_BYTES = 256 * 1024 * 1024;
/** A larger one is not kept: to write it would hold up others. */
export const MOST_RECEIPT_BYTES = 16 * 1024 * 1024;

/** By their names, receipts are in the order in which they were kept; `.part` is what a process did not finish. */
const RECEIPT = /^\d{8}T\d{9}Z-.+\.json(?:\.part)?$/;

export class ReceiptDirectory {
  /** Canonical. */
  readonly path: string;
  private kept = 0;
  private failed = false;

  /** @param path relative to the working directory; made where it is not there @throws Error why it is of no use */
  constructor(path: string) {
    const place = resolve(path);
    tolerating(["EEXIST"], () => mkdirSync(place, { mode: DIRECTORY_MODE }));
    if (!lstatSync(place).isDirectory()) throw new Error(`${place} is no directory`);
    accessSync(place, constants.W_OK);
    this.path = realpathSync(place);
  }

  /**
   * Keeps a receipt.
   * @param plugin the plugin's name, without separators
   * @returns its path; undefined where it could not be kept, of which is warned
   */
  keep(plugin: string, pieces: readonly Uint8Array[]): string | undefined {
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (bytes > MOST_RECEIPT_BYTES) {
      log(
        "warn",
        `a call of ${plugin} is not recorded: that would take ${bytes} bytes, at most ${MOST_RECEIPT_BYTES} are kept`,
      );
      return undefined;
    }
    const stamp = new Date().toISOString().replaceAll(/[-:.]/g, "");
    const path = join(this.path, `${stamp}-${plugin}-${process.pid}-${++this.kept}.json`);
    try {
      this.makeRoom(bytes);
      write(`${path}.part`, pieces, bytes);
      renameSync(`${path}.part`, path);
    } catch (error) {
      this.warn(error);
      return undefined;
    }
    this.failed = false;
    return path;
  }

  private makeRoom(bytes: number): void {
    const receipts = readdirSync(this.path)
      .filter((name) => RECEIPT.test(name))
      .toSorted()
      .map((name) => ({
        path: join(this.path, name),
        size: lstatSync(join(this.path, name), { throwIfNoEntry: false })?.size ?? 0,
      }));
    let left = receipts.reduce((sum, { size }) => sum + size, bytes);
    let count = receipts.length + 1;
    for (const { path, size } of receipts) {
      if (count <= MOST_RECEIPTS && left <= MOST_BYTES) return;
      rmSync(path, { force: true }); // another dlrpc may have been faster
      left -= size;
      count--;
    }
  }

  /** Once, until one is kept again. */
  private warn(error: unknown): void {
    if (!this.failed) log("warn", `${this.path}: calls that fail are not recorded: ${messageOf(error)}`);
    this.failed = true;
  }
}

/** Leaves nothing behind where it is not all written. */
function write(path: string, pieces: readonly Uint8Array[], bytes: number): void {
  const file = openSync(path, "wx", FILE_MODE);
  using _ = closing(file);
  try {
    const written = writevSync(file, pieces);
    if (written !== bytes) throw new Error(`there was room for ${written} of ${bytes} bytes`);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}
