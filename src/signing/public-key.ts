// Public keys in minisign's form: who may have signed.

import { createPublicKey, type KeyObject, verify } from "node:crypto";
import {
  ALGORITHM,
  ALGORITHM_BYTES,
  ID_BYTES,
  keyFile,
  keyIdText,
  readKeyed,
  readKeyFile,
  SigningError,
} from "./encoding.ts";

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
    const { algorithm, id, rest } = readKeyed(readKeyFile(file, ALGORITHM_BYTES + ID_BYTES + KEY_BYTES));
    if (algorithm !== ALGORITHM) throw new SigningError(`it is for the algorithm \`${algorithm}\`, Ed is needed`);
    return new PublicKey(id, rest);
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
    return keyFile(`minisign public key ${this.id}`, [Buffer.from(ALGORITHM), this.idBytes, this.keyBytes]);
  }
}
