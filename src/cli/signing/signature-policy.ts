// The options that say whose signatures count (T6).

import { readFileSync } from "node:fs";
import { noSignatures, type SignaturePolicy } from "../../plugins/trust/signature.ts";
import { SigningError } from "../../signing/encoding.ts";
import { PublicKey } from "../../signing/public-key.ts";
import { CommandError, type ParsedOptions, UsageError } from "../options.ts";
import { requireStrictFiles } from "../serving/strict-files.ts";

/** @throws CommandError where a key cannot be read */
export function signaturePolicy(options: ParsedOptions): SignaturePolicy {
  const required = options.has("require-signature");
  if (required && options.has("signature-key")) {
    throw new UsageError("give either --require-signature or --signature-key: what is required is verified, too");
  }
  const name = required ? "require-signature" : "signature-key";
  const keys = readPublicKeys(options, name);
  return keys.length === 0 ? noSignatures : { keys, required };
}

/**
 * The files that the command line names and that plugins must not write to: keys, the audit log, receipts.
 * @throws CommandError where others may, and --strict-permissions is set
 */
export function namedFiles(options: ParsedOptions): string[] {
  requireStrictFiles(options);
  return ["require-signature", "signature-key", "audit-log", "record"].flatMap((name) => options.all(name));
}

/** @param name the option that names the files @throws CommandError where a key cannot be read */
export function readPublicKeys(options: ParsedOptions, name: string): PublicKey[] {
  return options.all(name).map((path) => readPublicKey(path, name));
}

function readPublicKey(path: string, name: string): PublicKey {
  try {
    return PublicKey.read(readFileSync(path));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const found =
      error instanceof SigningError ? `${path} is no public key of minisign: ${error.message}` : error.message;
    throw new CommandError(`--${name}: ${found}; give a file such as \`dlrpc keygen\` writes`);
  }
}
