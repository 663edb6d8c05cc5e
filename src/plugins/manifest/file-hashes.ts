// The member `sha256` of plugin.json: which hash each file of the plugin must have (T5).

import { DlrpcError } from "../../../protocol/errors.ts";
import type { Issue } from "../../json/schema.ts";
import { ownSystem } from "../libraries/platform-directory.ts";
import type { FileHash } from "../trust/read-file.ts";

/** By file name, relative to the plugin's directory: the hash in hexadecimal digits, as sha256sum(1) prints it. */
export type FileHashes = ReadonlyMap<string, string>;

export interface FileHashesReading {
  /** Undefined where plugin.json lists none. */
  readonly hashes: FileHashes | undefined;
  readonly issues: readonly Issue[];
}

const HASH = /^[0-9a-f]{64}$/i;

/** @param member `sha256` as it was parsed */
export function readFileHashes(member: unknown, system = ownSystem): FileHashesReading {
  if (member === undefined || member === null) return { hashes: undefined, issues: [] };
  if (typeof member !== "object" || Array.isArray(member)) {
    return { hashes: undefined, issues: [{ path: "sha256", message: "must be an object: a hash by file name" }] };
  }
  const hashes = new Map<string, string>();
  const issues: Issue[] = [];
  for (const [name, hash] of Object.entries(member)) {
    const issue = (message: string) => issues.push({ path: `sha256.${name}`, message });
    if (!isPlainPath(name)) issue("must name a file of the plugin, relative to its directory, with `/` and no `..`");
    else if (typeof hash !== "string" || !HASH.test(hash)) issue("must be the 64 digits that sha256sum prints");
    else if (listedName(hashes, name, system) !== name) issue("is there in another case, which does not count here");
    else hashes.set(name, hash.toLowerCase());
  }
  return { hashes, issues };
}

/** The name under which a file is listed: on Windows case does not count. */
export function listedName(hashes: FileHashes | undefined, name: string, system = ownSystem): string {
  if (hashes === undefined || hashes.has(name) || system !== "win32") return name;
  return [...hashes.keys()].find((each) => each.toLowerCase() === name.toLowerCase()) ?? name;
}

/** The hash of a file that was read, as sha256sum(1) prints it. */
export function hexadecimal({ integrity }: FileHash): string {
  return Buffer.from(integrity.slice("sha256-".length), "base64").toString("hex");
}

/** What is wrong with a file that was read, if anything is. */
export function compareHash(path: string, content: FileHash, expected: string): DlrpcError | undefined {
  const actual = hexadecimal(content);
  if (actual === expected) return undefined;
  const message = `${path} has the sha256 ${actual}, but plugin.json lists ${expected}`;
  return new DlrpcError("INTEGRITY_FAILED", message, { path, expected, actual });
}

/** @param isSigned whether a signature is what asks for the hash: without it the signature says nothing of the code */
export function missingHash(path: string, name: string, isSigned: boolean): DlrpcError {
  const found = isSigned
    ? `plugin.json lists no sha256 of ${name}, so its signature says nothing about the code`
    : `plugin.json lists hashes, but none of ${name}`;
  const hint = `Let \`dlrpc sign\` add it, or write into plugin.json what \`sha256sum ${name}\` prints.`;
  return new DlrpcError("INTEGRITY_FAILED", `${path}: ${found}`, { path, hint });
}

/** Whether a name stays within the directory that it is relative to, as far as names go. */
function isPlainPath(name: string): boolean {
  return !/[\\\0]/.test(name) && name.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
