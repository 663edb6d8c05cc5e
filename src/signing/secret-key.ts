// Secret keys in minisign's form: making, reading and writing them, with a password or without.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { blake2b } from "@noble/hashes/blake2.js";
import { ALGORITHM as ED25519, ID_BYTES, keyFile, readKeyFile, SigningError } from "./encoding.ts";
import { DERIVATION_BYTES, deriveStream, freshDerivation } from "./key-derivation.ts";
import { PublicKey } from "./public-key.ts";

const ALGORITHM = Buffer.from(ED25519);
const SCRYPT = Buffer.from("Sc");
const NO_DERIVATION = Buffer.alloc(2);
const CHECKSUM = Buffer.from("B2");

const SEED_BYTES = 32;
const PUBLIC_BYTES = 32;
const CHECKSUM_BYTES = 32;
/** The three algorithms, how the stream is derived; then what is encrypted: id, seed, public key, checksum. */
const HEAD_BYTES = 6;
const SECRET_AT = HEAD_BYTES + DERIVATION_BYTES;
const SECRET_BYTES = ID_BYTES + SEED_BYTES + PUBLIC_BYTES + CHECKSUM_BYTES;

/** What comes before the 32 bytes of an Ed25519 seed in DER (RFC 8410, section 7). */
const DER_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

/** A password did not open a key. */
export class WrongPasswordError extends SigningError {}

export class SecretKey {
  readonly idBytes: Buffer;
  private readonly seed: Buffer;
  private readonly key: KeyObject;
  private readonly publicBytes: Buffer;

  private constructor(id: Buffer, seed: Buffer) {
    this.idBytes = id;
    this.seed = seed;
    this.key = createPrivateKey({ key: Buffer.concat([DER_HEAD, seed]), format: "der", type: "pkcs8" });
    const { x } = createPublicKey(this.key).export({ format: "jwk" });
    this.publicBytes = Buffer.from(x as string, "base64url");
  }

  static generate(): SecretKey {
    const { d } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
    return new SecretKey(randomBytes(ID_BYTES), Buffer.from(d as string, "base64url"));
  }

  /**
   * Reads the bytes of a file such as minisign.key.
   * @param askPassword is called where the key is encrypted
   * @throws WrongPasswordError, SigningError
   */
  static async read(file: Uint8Array, askPassword: () => Promise<Buffer>): Promise<SecretKey> {
    const bytes = readKeyFile(file, SECRET_AT + SECRET_BYTES);
    const [algorithm, derivation, checksum] = [0, 2, 4].map((at) => bytes.subarray(at, at + 2));
    if (!ALGORITHM.equals(algorithm as Buffer) || !CHECKSUM.equals(checksum as Buffer)) {
      throw new SigningError("it is of an unknown kind, an Ed25519 key with a BLAKE2 checksum is needed");
    }
    const secret = bytes.subarray(SECRET_AT);
    if (NO_DERIVATION.equals(derivation as Buffer)) return SecretKey.of(secret);
    if (!SCRYPT.equals(derivation as Buffer))
      throw new SigningError("it is encrypted in an unknown way, not by scrypt");
    const stream = deriveStream(await askPassword(), bytes.subarray(HEAD_BYTES, SECRET_AT), SECRET_BYTES);
    const opened = exclusiveOr(secret, stream);
    if (checksumOf(opened).equals(opened.subarray(-CHECKSUM_BYTES))) return SecretKey.of(opened);
    throw new WrongPasswordError("the password is wrong, or the file is damaged");
  }

  /** @throws SigningError where the two halves do not belong together */
  private static of(secret: Buffer): SecretKey {
    const publicAt = ID_BYTES + SEED_BYTES;
    const key = new SecretKey(secret.subarray(0, ID_BYTES), secret.subarray(ID_BYTES, publicAt));
    if (key.publicBytes.equals(secret.subarray(publicAt, publicAt + PUBLIC_BYTES))) return key;
    throw new SigningError("it is damaged: its public half is that of another key");
  }

  get publicKey(): PublicKey {
    return new PublicKey(this.idBytes, this.publicBytes);
  }

  sign(message: Uint8Array): Buffer {
    return sign(null, message, this.key);
  }

  /** The file that `read` reads. @param password undefined: whoever has the file has the key */
  toText(password: Buffer | undefined): string {
    const secret = Buffer.concat([this.idBytes, this.seed, this.publicBytes, Buffer.alloc(CHECKSUM_BYTES)]);
    if (password === undefined) {
      return keyFile("minisign secret key", [
        ALGORITHM,
        NO_DERIVATION,
        CHECKSUM,
        Buffer.alloc(DERIVATION_BYTES),
        secret,
      ]);
    }
    checksumOf(secret).copy(secret, SECRET_BYTES - CHECKSUM_BYTES);
    const derivation = freshDerivation();
    const encrypted = exclusiveOr(secret, deriveStream(password, derivation, SECRET_BYTES));
    return keyFile("minisign encrypted secret key", [ALGORITHM, SCRYPT, CHECKSUM, derivation, encrypted]);
  }
}

/** Tells a wrong password from a right one. It is BLAKE2b with 32 bytes, which OpenSSL, and so Node, does not have. */
function checksumOf(secret: Buffer): Buffer {
  const covered = Buffer.concat([ALGORITHM, secret.subarray(0, SECRET_BYTES - CHECKSUM_BYTES)]);
  return Buffer.from(blake2b(covered, { dkLen: CHECKSUM_BYTES }));
}

function exclusiveOr(bytes: Buffer, stream: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, i) => byte ^ (stream[i] as number)));
}
