// Owns the lists of errors and warnings in files that people write, between two comments that name them. `npm run docs` writes
// them; a test fails where that was forgotten.

import { readFileSync, writeFileSync } from "node:fs";
import { type ErrorKind, errorClassName, errorKinds } from "./error-kinds.ts";
import { warningCodes } from "./warnings.ts";

/** What a file can list, by the name in its comments. */
const lists: Readonly<Record<string, () => string>> = {
  errors: () => {
    const rows = eachKind(({ code, when, data }, kind) => {
      const members = data.map((member) => ` \`${member}\``).join();
      return `| ${code} | \`${kind}\` | ${when} |${members} |\n`;
    });
    return `\n| code | kind | when | more in \`data\` |\n|---|---|---|---|\n${rows}\n`;
  },
  "Python classes": () =>
    eachKind(({ code, when }, kind, name) => {
      return `\n\nclass ${name}(DlrpcError, kind="${kind}", code=${code}):\n    """${when}"""\n`;
    }),
  "client classes": () => eachKind((_, kind, name) => `  ${kind}: ${name},\n`),
  warnings: () => {
    const rows = Object.entries(warningCodes).map(([code, what]) => `  | \`${code}\` | ${what} |\n`);
    return `\n  | code | what |\n  |---|---|\n${rows.join("")}\n`;
  },
};

type Entry = (typeof errorKinds)[ErrorKind];

function eachKind(write: (entry: Entry, kind: string, className: string) => string): string {
  const written = Object.entries(errorKinds).map(([kind, entry]) => write(entry, kind, errorClassName(kind)));
  return written.join("");
}

/** The text of a file with the lists of today. */
export function withLists(text: string): string {
  const listed = /^( *\S+ `npm run docs` lists ([\w ]+) here[^\n]*\n).*?^(?= *\S+ end of the list)/gms;
  return text.replaceAll(listed, (_, begin, name) => {
    const list = lists[name];
    if (list === undefined) throw new Error(`there is no list of ${name}: there are ${Object.keys(lists).join(", ")}`);
    return begin + list();
  });
}

/** The files that have such lists. */
export const listing = ["protocol/SPEC.md", "protocol/dlrpc_client.py", "src/client/errors/errors.ts"] as const;

if (import.meta.main) {
  for (const path of listing) {
    const file = new URL(`../${path}`, import.meta.url);
    writeFileSync(file, withLists(readFileSync(file, "utf8")));
  }
}
