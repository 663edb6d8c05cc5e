// Owns public keys in minisign's form: who may have signed.

import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { keyFile, keyIdText, readKeyFile, SigningError } from "./encoding.ts";

const ALGORITHM = Buffer.from("Ed");
const ID_BYTES = 8;
const KEY_BYTES = 32;

export class PublicKey {
  private readonly idBytes: Uint8Array;
  private readonly keyBytes: Uint8Array;
  private readonly key: KeyObject;

  constructor(id: Uint8Array, key: Uint8Array) {
    this.idBytes = id;
    this.keyBytes = key;
    const x = Buffer.from(key).toString("base64url");
    this.key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }); // RFC 8037
  }

  /** Reads the bytes of a file such as minisign.pub. @throws SigningError */
  static read(file: Uint8Array): PublicKey {
    const bytes = readKeyFile(file, ALGORITHM.length + ID_BYTES + KEY_BYTES);
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
    return keyFile(`minisign public key ${this.id}`, [ALGORITHM, this.idBytes, this.keyBytes]);
  }
}
