// Owns public keys in minisign's form: who may have signed.

import { createPublicKey, type KeyObject, verify } from "node:crypto";
import {
  keyIdText,
  readLines,
  requireBase64,
  requireNoMore,
  requirePrefix,
  SigningError,
  UNTRUSTED_COMMENT,
} from "./encoding.ts";

const ALGORITHM = Buffer.from("Ed");
const ID_BYTES = 8;
const KEY_BYTES = 32;
/** What comes before the 32 bytes of an Ed25519 key in DER (RFC 8410, section 4). */
const DER_HEAD = Buffer.from("302a300506032b6570032100", "hex");

export class PublicKey {
  private readonly idBytes: Uint8Array;
  private readonly keyBytes: Uint8Array;
  private readonly key: KeyObject;

  constructor(id: Uint8Array, key: Uint8Array) {
    this.idBytes = id;
    this.keyBytes = key;
    this.key = createPublicKey({ key: Buffer.concat([DER_HEAD, key]), format: "der", type: "spki" });
  }

  /** Reads the bytes of a file such as minisign.pub. @throws SigningError */
  static read(file: Uint8Array): PublicKey {
    const lines = readLines(file);
    requirePrefix(lines[0], UNTRUSTED_COMMENT, "first line");
    const bytes = requireBase64(lines[1], ALGORITHM.length + ID_BYTES + KEY_BYTES, "second line");
    requireNoMore(lines, 2);
    const algorithm = bytes.subarray(0, ALGORITHM.length);
    if (!algorithm.equals(ALGORITHM)) throw new SigningError(`it is for the algorithm \`${algorithm}\`, Ed is needed`);
    const key = ALGORITHM.length + ID_BYTES;
    return new PublicKey(bytes.subarray(ALGORITHM.length, key), bytes.subarray(key));
  }

  /** As minisign shows it. */
  get id(): string {
    return keyIdText(this.idBytes);
  }

  verifies(signature: Uint8Array, message: Uint8Array): boolean {
    return verify(null, message, this.key, signature);
  }

  /** The file that `read` reads. */
  toText(): string {
    const bytes = Buffer.concat([ALGORITHM, this.idBytes, this.keyBytes]);
    return `${UNTRUSTED_COMMENT}minisign public key ${this.id}\n${bytes.toString("base64")}\n`;
  }
}
