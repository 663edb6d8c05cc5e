// Writing the member `sha256` of plugin.json (T5): the rest of the text stays as its author wrote it.

import { scanObject, skipSpace, skipValue } from "../../json/scan.ts";
import type { FileHashes } from "./file-hashes.ts";

const MEMBER = "sha256";
const INDENT = "  ";

/**
 * The text of plugin.json with these hashes.
 * @param manifest one that was read without issues, and so has members
 */
export function withHashes(manifest: Buffer, hashes: FileHashes): Buffer {
  let found: { start: number; end: number } | undefined;
  const start = manifest.indexOf("{"); // a byte order mark may come first
  const end = scanObject(manifest, start, (key, at) => {
    const valueEnd = skipValue(manifest, at);
    if (key === MEMBER) found = { start: at, end: valueEnd }; // of a member that is given twice the last one counts
    return valueEnd;
  });
  const indent = indentOf(manifest, start);
  const value = format(hashes, indent);
  if (found !== undefined) return splice(manifest, found.start, found.end, value);
  const space = indent === undefined ? " " : `\n${indent}`;
  const last = lastBefore(manifest, end - 1);
  return splice(manifest, last, last, `,${space}"${MEMBER}": ${value}`);
}

/** What each member's line begins with; undefined where the first is on the line of the brace. */
function indentOf(text: Buffer, start: number): string | undefined {
  const space = text.toString("utf8", start + 1, skipSpace(text, start + 1));
  return space.includes("\n") ? space.slice(space.lastIndexOf("\n") + 1) : undefined;
}

function format(hashes: FileHashes, indent: string | undefined): string {
  const members = [...hashes].map(([name, hash]) => `${JSON.stringify(name)}: ${JSON.stringify(hash)}`);
  if (indent === undefined) return `{ ${members.join(", ")} }`;
  return `{\n${members.map((member) => indent + (indent || INDENT) + member).join(",\n")}\n${indent}}`;
}

/** Where the white space before `end` begins. */
function lastBefore(text: Buffer, end: number): number {
  let at = end;
  while (/\s/.test(String.fromCharCode(text[at - 1] as number))) at--;
  return at;
}

function splice(text: Buffer, start: number, end: number, replacement: string): Buffer {
  return Buffer.concat([text.subarray(0, start), Buffer.from(replacement), text.subarray(end)]);
}
