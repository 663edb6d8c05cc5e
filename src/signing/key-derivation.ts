// Owns how a password becomes the stream that encrypts a secret key: scrypt, with libsodium's way to choose its cost.

import { randomBytes, scryptSync } from "node:crypto";
import { SigningError } from "./encoding.ts";

const SALT_BYTES = 32;
const LIMIT_BYTES = 8;
/** libsodium's "sensitive" limits, which minisign uses: 1 GiB of memory and some seconds. */
const OPERATIONS = 2 ** 25;
const MEMORY_BYTES = 2 ** 30;
/** A file that asks for more is damaged rather than careful. */
const HIGHEST_MEMORY_BYTES = 2 ** 32;

const BLOCK_SIZE = 8;

export class KeyDerivation {
  static readonly byteLength = SALT_BYTES + 2 * LIMIT_BYTES;
  readonly salt: Buffer;
  readonly operations: number;
  readonly memoryBytes: number;

  private constructor(salt: Buffer, operations: number, memoryBytes: number) {
    this.salt = salt;
    this.operations = operations;
    this.memoryBytes = memoryBytes;
  }

  static fresh(): KeyDerivation {
    return new KeyDerivation(randomBytes(SALT_BYTES), OPERATIONS, MEMORY_BYTES);
  }

  static read(bytes: Buffer): KeyDerivation {
    const [operations, memory] = [0, LIMIT_BYTES].map((at) => Number(bytes.readBigUInt64LE(SALT_BYTES + at)));
    return new KeyDerivation(bytes.subarray(0, SALT_BYTES), operations as number, memory as number);
  }

  toBytes(): Buffer {
    const bytes = Buffer.alloc(KeyDerivation.byteLength);
    this.salt.copy(bytes);
    bytes.writeBigUInt64LE(BigInt(this.operations), SALT_BYTES);
    bytes.writeBigUInt64LE(BigInt(this.memoryBytes), SALT_BYTES + LIMIT_BYTES);
    return bytes;
  }
}

/** @throws SigningError where the cost is out of range, or this machine lacks the memory */
export function deriveStream(password: Buffer, derivation: KeyDerivation, byteLength: number): Buffer {
  const { cost, parallelization } = scryptParameters(derivation);
  const blocks = cost + parallelization + 2;
  try {
    return scryptSync(password, derivation.salt, byteLength, {
      cost,
      blockSize: BLOCK_SIZE,
      parallelization,
      maxmem: 128 * BLOCK_SIZE * blocks, // exactly what OpenSSL counts; Node's own limit is 32 MiB
    });
  } catch (error) {
    const needed = Math.ceil((128 * BLOCK_SIZE * blocks) / 2 ** 20);
    throw new SigningError(`its password cannot be tried, which takes ${needed} MiB of memory: ${error}`);
  }
}

/** As libsodium's crypto_pwhash_scryptsalsa208sha256 chooses them. @throws SigningError */
function scryptParameters({ operations, memoryBytes }: KeyDerivation): { cost: number; parallelization: number } {
  if (memoryBytes > HIGHEST_MEMORY_BYTES || operations > HIGHEST_MEMORY_BYTES) {
    throw new SigningError("it is damaged: its password would take more than 4 GiB of memory to try");
  }
  const work = Math.max(32768, operations);
  const isShortOfWork = work < memoryBytes / 32;
  const highest = isShortOfWork ? work / (BLOCK_SIZE * 4) : memoryBytes / (BLOCK_SIZE * 128);
  const cost = 2 ** Math.max(1, Math.floor(Math.log2(highest)));
  const parallelization = isShortOfWork ? 1 : Math.floor(Math.floor(work / 4 / cost) / BLOCK_SIZE);
  return { cost, parallelization: Math.max(1, parallelization) };
}
