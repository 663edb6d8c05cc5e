// The check that a plugin's files are those that plugin.json lists (T5) and that its author signed (T6).

import { relative } from "node:path";
import { slashed } from "../../base/paths.ts";
import type { Signature } from "../../signing/signature.ts";
import { isLibraryName } from "../libraries/library-name.ts";
import { isForOtherPlatform } from "../libraries/platform-directory.ts";
import { compareHash, type FileHashes, listedName, missingHash } from "../manifest/file-hashes.ts";
import { type PluginProblem, type Warning, warning } from "../problem.ts";
import { type FileContent, type FileHash, LARGEST_FILE } from "./read-file.ts";
import { isMissing } from "./resolve.ts";
import { checkSignature, missingSignature, SIGNATURE, SIGNATURE_LIMIT, type SignaturePolicy } from "./signature.ts";

/** A file beside the library whose hash plugin.json lists. It was read once, and not held: it may be long. */
export interface ListedFile {
  /** Absolute: in the plugin's directory. */
  readonly path: string;
  /** As sha256sum(1) prints it. */
  readonly sha256: string;
}

/** The plugin that is inspected. */
interface Surroundings {
  /** Of a file of the plugin. */
  path(name: string): string;
  /** Reads a file of the plugin, as far as it may be read; undefined where that was noted as an error. */
  read(path: string, what: string, limit: number): Promise<FileContent | undefined>;
  /** The same for one that need not be held. */
  hash(path: string, what: string, limit: number): Promise<FileHash | undefined>;
  /** Judges a library that the plugin may load by itself. */
  judge(path: string, bytes: Buffer): void;
  note(problem: PluginProblem): void;
}

export class Integrity {
  /** What plugin.json lists; undefined where it lists nothing. */
  hashes: FileHashes | undefined;
  /** Who vouches for plugin.json and what it lists; null where nobody does that is known. */
  signature: Signature | null = null;
  /** What else is listed, there and as it must be. */
  readonly otherFiles: ListedFile[] = [];
  private readonly policy: SignaturePolicy;
  private readonly plugin: Surroundings;
  /** Names of the files whose hash was compared, by the way. */
  private readonly checked = new Set<string>();

  constructor(policy: SignaturePolicy, plugin: Surroundings) {
    this.policy = policy;
    this.plugin = plugin;
  }

  /** @param manifest the bytes of plugin.json that were parsed */
  async readSignature(manifest: Buffer): Promise<void> {
    if (this.policy.keys.length === 0) return;
    const path = this.plugin.path(SIGNATURE);
    if (isMissing(path)) {
      if (this.policy.required) this.plugin.note(missingSignature(path, this.policy));
      return;
    }
    const content = await this.plugin.read(path, SIGNATURE, SIGNATURE_LIMIT);
    if (content === undefined) return;
    const judged = checkSignature(path, content.bytes, manifest, this.policy);
    if (!("keyId" in judged)) return this.plugin.note(judged);
    if (this.hashes !== undefined) this.signature = judged;
    else if (!this.policy.required) this.plugin.note(withoutHashes(path, judged)); // else an error follows
  }

  /**
   * Holds code that is to be loaded to the hash that is listed. A list that leaves it out would let another library in
   * under a name that is tried earlier (A1), and a signature without a list would say nothing about it.
   */
  requireListed(path: string, content: FileContent): void {
    if (this.hashes === undefined && !this.policy.required) return;
    const name = listedName(this.hashes, slashed(relative(this.plugin.path(""), path)));
    this.checked.add(name);
    const expected = this.hashes?.get(name);
    const problem =
      expected === undefined
        ? missingHash(this.plugin.path("plugin.json"), name, this.hashes === undefined)
        : compareHash(path, content, expected);
    if (problem !== undefined) this.plugin.note(problem);
  }

  /**
   * Checks the listed files that are not to be loaded. One that is for another system may be left out.
   * @param ofAllPlatforms also what is of use on other platforms only, and is never copied along (A13)
   */
  async checkOtherFiles(ofAllPlatforms: boolean): Promise<void> {
    for (const [name, expected] of this.hashes ?? []) {
      const isForeign = isForOtherPlatform(name);
      if (this.checked.has(name) || (isForeign && !ofAllPlatforms)) continue;
      const path = this.plugin.path(name);
      if (isMissing(path)) {
        this.plugin.note(missingFile(name));
        continue;
      }
      const isJudged = isLibraryName(name) && !isForeign;
      const hash = await (isJudged ? this.judged(path) : this.plugin.hash(path, "file", LARGEST_FILE));
      if (hash === undefined) continue;
      const problem = compareHash(path, hash, expected);
      if (problem !== undefined) this.plugin.note(problem);
      else if (!isForeign) this.otherFiles.push({ path, sha256: expected });
    }
  }

  private async judged(path: string): Promise<FileHash | undefined> {
    const content = await this.plugin.read(path, "file", LARGEST_FILE);
    if (content !== undefined) this.plugin.judge(path, content.bytes);
    return content;
  }
}

function missingFile(name: string): Warning {
  const message = `plugin.json lists the sha256 of ${name}, which is not there`;
  return warning("LISTED_FILE_MISSING", message, "Where the plugin needs it here, install the plugin again.");
}

function withoutHashes(path: string, { keyId }: Signature): Warning {
  const found = `${path} is by the key ${keyId}, but plugin.json lists no sha256 of the library`;
  const hint = "Its author lets `dlrpc sign` add the hashes.";
  return warning("SIGNATURE_WITHOUT_HASHES", `${found}: it says nothing about the code`, hint);
}
