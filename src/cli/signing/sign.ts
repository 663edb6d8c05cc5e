// `dlrpc sign`: lists the hashes of a plugin's libraries in its plugin.json, and signs that.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DlrpcError } from "../../../protocol/errors.ts";
import { messageOf } from "../../base/failures.ts";
import { listIssues } from "../../json/schema.ts";
import { librariesOf, libraryNames } from "../../plugins/libraries/library-name.ts";
import { ownPlatform, platformDirectory, platformsIn } from "../../plugins/libraries/platform-directory.ts";
import { nativeForm } from "../../plugins/manifest/agent-plugin.ts";
import { type FileHashes, readFileHashes } from "../../plugins/manifest/file-hashes.ts";
import { withHashes } from "../../plugins/manifest/list-hashes.ts";
import { readMetadata } from "../../plugins/manifest/metadata.ts";
import { SIGNATURE } from "../../plugins/trust/signature.ts";
import { SigningError } from "../../signing/encoding.ts";
import { SecretKey, WrongPasswordError } from "../../signing/secret-key.ts";
import { sign } from "../../signing/signature.ts";
import { CommandError, onlyOperand, type ParsedOptions, parseOptions, UsageError } from "../options.ts";
import { say } from "../text/output.ts";
import { readPassword } from "./password.ts";
import { replaceFile } from "./replace-file.ts";
import { signVerb } from "./verbs.ts";

const MANIFEST = "plugin.json";
const FILE_MODE = 0o644;
const PERMISSIONS = 0o777;
/** The file name of a shared library of any system: `x.so`, `x.so.1.2`, `x.dylib`, `x.dll`. */
const LIBRARY = /\.(so(\.[0-9]+)*|dylib|dll)$/i;

/** @returns the exit status @throws UsageError, CommandError, DlrpcError */
export async function runSign(args: readonly string[]): Promise<number> {
  const options = parseOptions(signVerb, args);
  const directory = onlyOperand(options, "sign needs the plugin's directory", "sign signs one plugin");
  const keyFile = options.value("key");
  if (keyFile === undefined) throw new UsageError("sign needs --key FILE: the secret key (`dlrpc keygen` makes one)");

  const manifest = readManifest(join(directory, MANIFEST));
  const { hashes, changes } = listFiles(directory, manifest);
  const key = await readKey(keyFile, options);
  const content = changes.length === 0 ? manifest.bytes : withHashes(manifest.bytes, hashes);
  const comment = options.value("comment") ?? `timestamp:${Math.floor(Date.now() / 1000)}\tfile:${MANIFEST}\thashed`;
  const signature = signText(content, key, comment);
  if (changes.length > 0) replaceFile(manifest.path, content, statSync(manifest.path).mode & PERMISSIONS);
  replaceFile(join(directory, SIGNATURE), signature, FILE_MODE);

  const lines = [...changes.map((change) => `${MANIFEST}: ${change}`), `${SIGNATURE}: signed with ${key.publicKey.id}`];
  say(`${lines.join("\n")}\n`);
  return 0;
}

interface Manifest {
  readonly path: string;
  readonly bytes: Buffer;
  readonly name: string;
  readonly hashes: FileHashes;
}

/** What is not in order is not signed. @throws DlrpcError */
function readManifest(path: string): Manifest {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const hint = "Give the directory that holds plugin.json and the library.";
    throw new DlrpcError("INVALID_PLUGIN", messageOf(error), { path, hint });
  }
  const { metadata, members, issues } = readMetadata(bytes, { form: nativeForm });
  const listed = readFileHashes(members.sha256);
  const all = [...issues, ...listed.issues];
  if (metadata === undefined || all.length > 0) {
    const found = all.length > 0 ? listIssues(all) : `abi_version is ${members.abi_version}`;
    throw new DlrpcError("INVALID_PLUGIN", `${path}: ${found}`, { path, hint: "Mend plugin.json, then sign it." });
  }
  return { path, bytes, name: metadata.name, hashes: listed.hashes ?? new Map() };
}

/** The hashes of all libraries and of what is listed already; what changes about the list, in words. */
function listFiles(directory: string, manifest: Manifest): { hashes: FileHashes; changes: string[] } {
  if (librariesOf(directory, manifest.name).length === 0) {
    const hint = `Build the library into ${directory} first: its hash is part of what is signed.`;
    const tried = libraryNames(manifest.name);
    const found = `${directory} holds none of ${tried.join(", ")}, neither itself nor in ${platformDirectory(ownPlatform)}`;
    throw new DlrpcError("LIBRARY_NOT_FOUND", found, { tried, hint });
  }
  const libraries = [
    ...librariesIn(directory),
    ...platformsIn(directory)
      .map(platformDirectory)
      .flatMap((place) => librariesIn(join(directory, place)).map((name) => `${place}/${name}`)),
  ];
  const hashes = new Map<string, string>();
  const changes: string[] = [];
  for (const name of new Set([...manifest.hashes.keys(), ...libraries])) {
    const before = manifest.hashes.get(name);
    const hash = hashOf(join(directory, name));
    if (hash !== undefined) hashes.set(name, hash);
    if (hash === before) continue;
    if (hash === undefined) changes.push(`${name} is not there, its sha256 was taken out`);
    else changes.push(`the sha256 of ${name} was ${before === undefined ? "added" : "brought up to date"}`);
  }
  return { hashes, changes };
}

/** Whatever system they are for, sorted. */
function librariesIn(directory: string): string[] {
  const present = readdirSync(directory, { withFileTypes: true }).filter((entry) => !entry.isDirectory());
  return present
    .map(({ name }) => name)
    .filter((name) => LIBRARY.test(name))
    .sort();
}

/** As sha256sum(1) prints it; undefined where there is no such file. */
function hashOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (!stat.isFile()) throw new CommandError(`${path} is no regular file; plugin.json lists hashes of files`);
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** @throws CommandError where the key cannot be read */
async function readKey(path: string, options: ParsedOptions): Promise<SecretKey> {
  try {
    return await SecretKey.read(readFileSync(path), () => readPassword(options, [`Password of ${path}: `]));
  } catch (error) {
    if (error instanceof CommandError || !(error instanceof Error)) throw error;
    if (error instanceof WrongPasswordError) throw new CommandError(`${path}: ${error.message}`);
    const found =
      error instanceof SigningError ? `${path} is no secret key of minisign: ${error.message}` : error.message;
    throw new CommandError(`--key: ${found}; give a file such as \`dlrpc keygen\` writes`);
  }
}

/** @throws UsageError where the comment does not fit */
function signText(content: Buffer, key: SecretKey, comment: string): string {
  try {
    return sign(content, key, comment);
  } catch (error) {
    if (error instanceof SigningError) throw new UsageError(`--comment: ${error.message}`);
    throw error;
  }
}
