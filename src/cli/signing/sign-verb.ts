import { fileStatuses } from "../exit-status.ts";
import { passwordFile } from "../shared-options.ts";
import type { Verb } from "../verb.ts";

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
