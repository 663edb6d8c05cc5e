// How a password becomes the stream that encrypts a secret key: scrypt, with libsodium's way to choose its cost.

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

export const DERIVATION_BYTES = SALT_BYTES + 2 * LIMIT_BYTES;

/** How a new key derives its stream, as its file has it: a salt, then the limits of operations and of memory. */
export function freshDerivation(): Buffer {
  const limits = Buffer.alloc(2 * LIMIT_BYTES);
  limits.writeBigUInt64LE(BigInt(OPERATIONS), 0);
  limits.writeBigUInt64LE(BigInt(MEMORY_BYTES), LIMIT_BYTES);
  return Buffer.concat([randomBytes(SALT_BYTES), limits]);
}

/** @throws SigningError where the cost is out of range, or this machine lacks the memory */
export function deriveStream(password: Buffer, derivation: Buffer, byteLength: number): Buffer {
  const operations = Number(derivation.readBigUInt64LE(SALT_BYTES));
  const memoryBytes = Number(derivation.readBigUInt64LE(SALT_BYTES + LIMIT_BYTES));
  const { cost, parallelization } = scryptParameters(operations, memoryBytes);
  const maxmem = 128 * BLOCK_SIZE * (cost + parallelization + 2); // exactly what OpenSSL counts; Node's own limit is 32 MiB
  try {
    const salt = derivation.subarray(0, SALT_BYTES);
    return scryptSync(password, salt, byteLength, { cost, blockSize: BLOCK_SIZE, parallelization, maxmem });
  } catch (error) {
    const needed = Math.ceil(maxmem / 2 ** 20);
    throw new SigningError(`its password cannot be tried, which takes ${needed} MiB of memory: ${error}`);
  }
}

/** As libsodium's crypto_pwhash_scryptsalsa208sha256 chooses them. @throws SigningError */
function scryptParameters(operations: number, memoryBytes: number): { cost: number; parallelization: number } {
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
