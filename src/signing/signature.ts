// Signatures in minisign's form: reading, verifying and making them. Only the prehashed algorithm `ED` counts.

import { createHash } from "node:crypto";
import {
  ALGORITHM,
  ALGORITHM_BYTES,
  ID_BYTES,
  keyIdText,
  readKeyed,
  readLines,
  requireBase64,
  requireNoMore,
  requirePrefix,
  SigningError,
  UNTRUSTED_COMMENT,
} from "./encoding.ts";
import type { PublicKey } from "./public-key.ts";
import type { SecretKey } from "./secret-key.ts";

const PREHASHED = "ED";
const SIGNATURE_BYTES = 64;
const TRUSTED_COMMENT = "trusted comment: ";
/** minisign reads no longer line (TRUSTEDCOMMENTMAXBYTES, which counts the prefix, the line end and a NUL). */
const COMMENT_LIMIT = 8192 - TRUSTED_COMMENT.length - 2;

/** Who has signed, and what they said beside it. */
export interface Signature {
  readonly keyId: string;
  readonly comment: string;
}

/** The signature is of a key that nobody has vouched for: nothing can be said of it. */
export class UnknownKeyError extends SigningError {}

/**
 * Verifies a signature over `message`, and its own over the trusted comment.
 * @param file the bytes of the signature's file
 * @param keys those that are accepted
 * @throws UnknownKeyError, SigningError
 */
export function verifySignature(message: Uint8Array, file: Uint8Array, keys: readonly PublicKey[]): Signature {
  const { algorithm, keyId, signature, comment, commentSignature } = parse(file);
  const candidates = keys.filter(({ id }) => id === keyId);
  if (candidates.length === 0) {
    const accepted = keys.map(({ id }) => id).join(", ");
    throw new UnknownKeyError(`it was made with the key ${keyId}; accepted: ${accepted}`);
  }
  if (algorithm === ALGORITHM) {
    throw new SigningError("it has minisign's legacy form `Ed`; the prehashed form `ED` is needed (sign without -l)");
  }
  const digest = prehash(message);
  const key = candidates.find((candidate) => candidate.verifies(signature, digest));
  if (key === undefined) throw new SigningError(`it was not made by the key ${keyId} for these bytes`);
  if (!key.verifies(commentSignature, withComment(signature, comment))) {
    throw new SigningError(`its trusted comment was not signed by the key ${keyId}`);
  }
  return { keyId, comment };
}

/**
 * The file of a signature over `message`.
 * @param comment is signed, too, and shown to whoever verifies
 * @throws SigningError where the comment does not fit on its line
 */
export function sign(message: Uint8Array, key: SecretKey, comment: string): string {
  if (/[\r\n\0]/.test(comment)) throw new SigningError("the trusted comment must be one line, without NUL");
  const length = Buffer.byteLength(comment);
  if (length > COMMENT_LIMIT) {
    throw new SigningError(`the trusted comment has ${length} bytes, at most ${COMMENT_LIMIT} fit`);
  }
  const signature = key.sign(prehash(message));
  const made = Buffer.concat([Buffer.from(PREHASHED), key.idBytes, signature]);
  const commentSignature = key.sign(withComment(signature, comment));
  return [
    `${UNTRUSTED_COMMENT}signature from dlrpc, key ${keyIdText(key.idBytes)}`,
    made.toString("base64"),
    TRUSTED_COMMENT + comment,
    `${commentSignature.toString("base64")}\n`,
  ].join("\n");
}

interface Parts extends Signature {
  readonly algorithm: typeof PREHASHED | typeof ALGORITHM;
  readonly signature: Buffer;
  readonly commentSignature: Buffer;
}

/** @throws SigningError where the file is damaged */
function parse(file: Uint8Array): Parts {
  const lines = readLines(file);
  requirePrefix(lines[0], UNTRUSTED_COMMENT, "first line");
  const bytes = requireBase64(lines[1], ALGORITHM_BYTES + ID_BYTES + SIGNATURE_BYTES, "second line");
  const comment = requirePrefix(lines[2], TRUSTED_COMMENT, "third line");
  const commentSignature = requireBase64(lines[3], SIGNATURE_BYTES, "fourth line");
  requireNoMore(lines, 4);
  const { algorithm, id, rest: signature } = readKeyed(bytes);
  if (algorithm !== PREHASHED && algorithm !== ALGORITHM)
    throw new SigningError("its algorithm is unknown, ED is needed");
  return { algorithm, keyId: keyIdText(id), signature, comment, commentSignature };
}

function prehash(message: Uint8Array): Buffer {
  return createHash("blake2b512").update(message).digest();
}

/** What the second signature of a file is over: it binds the trusted comment to the first one. */
function withComment(signature: Uint8Array, comment: string): Buffer {
  return Buffer.concat([signature, Buffer.from(comment)]);
}
