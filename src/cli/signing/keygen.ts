// `dlrpc keygen`: makes a pair of keys, as minisign -G does.

import { existsSync } from "node:fs";
import { SecretKey } from "../../signing/secret-key.ts";
import { CommandError, parseOptions, UsageError } from "../options.ts";
import { print } from "../text/output.ts";
import { readPassword } from "./password.ts";
import { replaceFile } from "./replace-file.ts";
import { keygenVerb } from "./verbs.ts";

/** Only its owner may read a secret key. */
const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;

/** @returns the exit status @throws UsageError, CommandError */
export async function runKeygen(args: readonly string[]): Promise<number> {
  const options = parseOptions(keygenVerb, args);
  const secretFile = options.value("key");
  if (secretFile === undefined) throw new UsageError("keygen needs --key FILE: where to write the secret key");
  const publicFile = options.value("public-key") ?? `${secretFile.replace(/\.key$/, "")}.pub`;
  if (publicFile === secretFile) throw new UsageError(`--public-key is ${publicFile}, too; two files are needed`);
  for (const file of [secretFile, publicFile]) {
    if (existsSync(file) && !options.has("force")) {
      throw new CommandError(
        `${file} exists, and a secret key that is lost cannot be had again; --force writes over it`,
      );
    }
  }
  if (options.has("no-password") && options.has("password-file")) {
    throw new UsageError("give either --no-password or --password-file");
  }
  const questions = ["Password of the new key: ", "The same again: "];
  const password = options.has("no-password") ? undefined : await readPassword(options, questions);
  const key = SecretKey.generate();
  replaceFile(secretFile, key.toText(password), SECRET_MODE);
  replaceFile(publicFile, key.publicKey.toText(), PUBLIC_MODE);
  print(`${secretFile}: the secret key ${key.publicKey.id}${password ? "" : ", without a password"}; keep it to yourself
${publicFile}: its public key; publish it, and dlrpc takes it with --require-signature
`);
  return 0;
}
