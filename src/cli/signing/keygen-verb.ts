import { passwordFile } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

export const keygenVerb = {
  name: "keygen",
  operands: "--key FILE [options]",
  summary: "makes a pair of keys to sign plugins with, as minisign -G",
  options: {
    key: { value: "FILE", help: "where to write the secret key" },
    "public-key": { value: "FILE", help: "where to write the public key (default: FILE with .pub for .key)" },
    "password-file": passwordFile,
    "no-password": { help: "do not encrypt the secret key: whoever has the file can sign" },
    force: { help: "write over files that exist" },
  },
  more: "The password of a key is asked for on the terminal, unless --password-file or DLRPC_KEY_PASSWORD says it.",
} as const satisfies Verb;
