// What a backtrace reads of a file with code, whatever its format: no more than it needs.

import { closeSync, readSync } from "node:fs";
import { InspectionError } from "./reader.ts";

/** Of a larger table nothing is read: to look through it would hold up others. */
export const MOST_TABLE_BYTES = 16 * 1024 * 1024;

export interface FunctionName {
  readonly name: string;
  /** Where it begins, an address of the file's own. */
  readonly start: number;
}

export class FileOnDisk implements Disposable {
  private readonly descriptor: number;
  private readonly format: string;

  /** @param descriptor is closed with it @param format how messages name it */
  constructor(descriptor: number, format: string) {
    this.descriptor = descriptor;
    this.format = format;
  }

  /** @throws InspectionError where the file is shorter, or that is too much */
  bytes(at: number, length: number): Buffer {
    if (length > MOST_TABLE_BYTES || at + length > Number.MAX_SAFE_INTEGER)
      throw new InspectionError(`a file that has a part of ${length} bytes`);
    const bytes = Buffer.allocUnsafe(length);
    if (readSync(this.descriptor, bytes, 0, length, at) < length)
      throw new InspectionError(`a truncated ${this.format} file`);
    return bytes;
  }

  [Symbol.dispose](): void {
    closeSync(this.descriptor);
  }
}

/** 64 bits as a number: of one that is larger than any address of a process it does not matter which. */
export function word(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}
