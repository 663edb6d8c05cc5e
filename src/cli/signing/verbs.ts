// What the verbs take that sign plugins and verify signatures.

import { fileStatuses } from "../exit-status.ts";
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

export const signVerb = {
  name: "sign",
  operands: "DIR --key FILE [options]",
  completed: "directories",
  summary: "lists the hashes of a plugin's libraries in plugin.json, and signs that",
  statuses: fileStatuses,
  options: {
    key: { value: "FILE", help: "the secret key" },
    "password-file": passwordFile,
    comment: { value: "TEXT", help: "is signed, too, and shown to hosts (default: time and file name)" },
  },
  more: "The password of a key is asked for on the terminal, unless --password-file or DLRPC_KEY_PASSWORD says it.",
} as const satisfies Verb;

export const verifyVerb = {
  name: "verify",
  operands: "DIR --key KEYFILE",
  completed: "directories",
  summary: "says whether a plugin is as it was signed",
  statuses: { 0: "it is", 1: "it is not", ...fileStatuses },
  options: {
    key: { value: "KEYFILE", help: "a public key whose signature counts (repeatable)" },
  },
} as const satisfies Verb;
