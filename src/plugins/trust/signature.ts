// What a plugin's signature means: by whom it must be, and what follows where it is missing or wrong (T6).

import { DlrpcError, type ErrorDetails } from "../../../protocol/errors.ts";
import { SigningError } from "../../signing/encoding.ts";
import type { PublicKey } from "../../signing/public-key.ts";
import { type Signature, UnknownKeyError, verifySignature } from "../../signing/signature.ts";
import { type PluginProblem, warning } from "../problem.ts";

/** Beside plugin.json, over its exact bytes. */
export const SIGNATURE = "plugin.json.minisig";
/** A signature has four lines, of which minisign reads at most 10 KiB. */
export const SIGNATURE_LIMIT = 16 * 1024;

export interface SignaturePolicy {
  /** Whose signatures count. Without any key no signature is looked at. */
  readonly keys: readonly PublicKey[];
  /** Whether a plugin without the signature of one of them is refused. */
  readonly required: boolean;
}

export const noSignatures: SignaturePolicy = { keys: [], required: false };

const HINT = "Install the plugin again from where it is published; its author makes a signature with `dlrpc sign`.";

export function missingSignature(path: string, { keys }: SignaturePolicy): DlrpcError {
  const accepted = keys.map(({ id }) => id).join(", ");
  return failure(path, `There is no ${path}; a signature by one of these keys is required: ${accepted}`);
}

/** @param file the bytes at `path` @param manifest those of plugin.json, the same that were parsed */
export function checkSignature(
  path: string,
  file: Uint8Array,
  manifest: Uint8Array,
  { keys, required }: SignaturePolicy,
): Signature | PluginProblem {
  try {
    return verifySignature(manifest, file, keys);
  } catch (error) {
    if (!(error instanceof SigningError)) throw error;
    const message = `The signature ${path} does not hold: ${error.message}`;
    if (!(error instanceof UnknownKeyError)) return failure(path, message, { problem: error.message });
    const hint = "Where you trust that key, give its public key file with --signature-key or --require-signature.";
    if (required) return failure(path, message, { problem: error.message, hint });
    const unknown = `The signature ${path} was not checked: ${error.message}`;
    return warning("SIGNATURE_KEY_UNKNOWN", unknown, hint);
  }
}

function failure(path: string, message: string, details: ErrorDetails = {}): DlrpcError {
  return new DlrpcError("INTEGRITY_FAILED", message, { path, hint: HINT, ...details });
}
