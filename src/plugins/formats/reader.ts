// Reading numbers and names from untrusted bytes: every offset is checked, every failure is an InspectionError.

/**
 * The bytes are not a library this program can describe. The message is a noun phrase that says what they are instead,
 * to be put after "is": "a text file", "a truncated ELF file: segment 2 needs bytes 4096..8192, the file has 5000".
 */
export class InspectionError extends Error {
  override readonly name = "InspectionError";
}

/**
 * A symbol may point anywhere into the string table, so a small file can ask for every suffix of one long name, which
 * is quadratic in its size. Linkers do share suffixes, though never so often that the names outgrow the whole file.
 */
const NAME_BYTES_PER_FILE_BYTE = 4;

/** A name costs more memory than the few bytes that ask for it. The largest libraries here export about 50,000. */
const MOST_NAMES = 1 << 20;

/** A piece of the file, from `start` up to, not including, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Far above any mangled name, far below the longest string of the engine, which is an exception of another class. */
export const LONGEST_NAME = 1 << 20;

export class ByteReader {
  readonly size: number;
  readonly #format: string;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  #nameBytesLeft: number;
  #namesLeft = MOST_NAMES;

  constructor(bytes: Uint8Array, format: string, littleEndian: boolean) {
    this.size = bytes.byteLength;
    this.#format = format;
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = littleEndian;
    this.#nameBytesLeft = bytes.byteLength * NAME_BYTES_PER_FILE_BYTE;
  }

  /** The file contradicts itself or its format; `why` completes "a damaged ELF file: …". */
  damaged(why: string): InspectionError {
    return new InspectionError(`a damaged ${this.#format} file: ${why}`);
  }

  /** Throws unless the file has all of `length` bytes at `offset`. Both may be any number that is not negative. */
  need(offset: number, length: number, what: string): void {
    if (offset + length > this.size) {
      throw new InspectionError(
        `a truncated ${this.#format} file: ${what} needs bytes ${offset}..${offset + length}, the file has ${this.size}`,
      );
    }
  }

  u8(offset: number, what: string): number {
    this.need(offset, 1, what);
    return this.#view.getUint8(offset);
  }

  u16(offset: number, what: string): number {
    this.need(offset, 2, what);
    return this.#view.getUint16(offset, this.#littleEndian);
  }

  u32(offset: number, what: string): number {
    this.need(offset, 4, what);
    return this.#view.getUint32(offset, this.#littleEndian);
  }

  u64(offset: number, what: string): bigint {
    this.need(offset, 8, what);
    return this.#view.getBigUint64(offset, this.#littleEndian);
  }

  /** A 64-bit file offset or size as a number, which is exact for every position that a file can have. */
  position(value: bigint, what: string): number {
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw this.damaged(`${what} reaches to byte ${value}, which no file has`);
    }
    return Number(value);
  }

  /**
   * The NUL-terminated string at `offset`, which has to end before `limit`. What is decoded in total is bounded, see
   * NAME_BYTES_PER_FILE_BYTE.
   */
  text(offset: number, limit: number, what: string, encoding: "utf8" | "latin1" = "utf8"): string {
    const end = offset < limit ? this.#bytes.indexOf(0, offset) : -1;
    if (end < 0 || end >= limit) {
      throw this.damaged(`${what} has a name that starts at byte ${offset} and does not end before byte ${limit}`);
    }
    this.spendName(end - offset);
    return this.#bytes.toString(encoding, offset, end);
  }

  /** Counts a name of `length` bytes against what a file of this size may hold. */
  spendName(length: number): void {
    if (length > LONGEST_NAME) throw this.damaged(`a name of ${length} bytes`);
    this.#nameBytesLeft -= length;
    this.#namesLeft -= 1;
    if (this.#nameBytesLeft < 0 || this.#namesLeft < 0) {
      throw this.damaged("its symbols have more names than a file of this size can hold");
    }
  }
}
