// A plugin on disk: all that can be known without running its code (D1), the same for whoever loads, validates or discovers.

import { basename, dirname, join } from "node:path";
import type { CLibrary } from "#platform/program/system";
import type { ErrorKind } from "../../protocol/error-kinds.ts";
import { DlrpcError, type ErrorDetails } from "../../protocol/errors.ts";
import type { Permissions, Problem } from "../../protocol/messages.ts";
import { listIssues } from "../json/schema.ts";
import type { Signature } from "../signing/signature.ts";
import { chooseImage, cLibraryOf, InspectionError, inspectLibrary, type LibraryImage } from "./formats/index.ts";
import { type LibraryFile, withDependencies } from "./libraries/dependencies.ts";
import { findLibrary, hasLibrary } from "./libraries/library-name.ts";
import {
  isForLoader,
  libraryNotFound,
  type MissingLibrary,
  missingLibraries,
  missingLibrary,
  missingSymbols,
  strayPlaces,
} from "./libraries/library-problems.ts";
import { ownPlatform } from "./libraries/platform-directory.ts";
import { isAgentPlugin, isNative, NATIVE_EXTENSION, nativeForm } from "./manifest/agent-plugin.ts";
import { readFileHashes } from "./manifest/file-hashes.ts";
import { abiMismatch, LONGEST_METADATA, type Metadata, readMetadata } from "./manifest/metadata.ts";
import { readToolMembers, type ToolMembers } from "./manifest/tool-members.ts";
import { manifestWarnings } from "./manifest/warnings.ts";
import { isError, type PluginProblem, toProblem, warning } from "./problem.ts";
import { Integrity, type ListedFile } from "./trust/integrity.ts";
import { judgePlace, noDirectory, type PlacePolicy, untrusted } from "./trust/place-problems.ts";
import { type FileContent, hashRegularFile, LARGEST_FILE, readRegularFile, UnreadableFile } from "./trust/read-file.ts";
import { resolve } from "./trust/resolve.ts";
import type { SignaturePolicy } from "./trust/signature.ts";

const MANIFEST = "plugin.json";

export interface InspectOptions extends PlacePolicy {
  signatures: SignaturePolicy;
  /** Whether a plugin.json that not every parser reads is an error (M13). */
  portableJson?: boolean;
  /** Whether files that are of use on other platforms only are held to their hashes, too (A13). */
  allPlatforms?: boolean;
}

/** A plugin whose files are in order. */
export interface PluginFiles {
  readonly path: string;
  readonly libraryPath: string;
  /** The hash of the library's bytes, as of FileContent. */
  readonly integrity: string;
  /** The C library that it is built for; undefined where it needs none that is known. */
  readonly cLibrary: CLibrary | undefined;
  /** The directories in which the loader looks for what it needs, beside its own and those of the system. */
  readonly searched: readonly string[];
  /** What it needs and is nowhere, as far as one can know without the loader, which has the last word. */
  readonly missing: MissingLibrary | undefined;
  readonly manifest: Metadata;
  /** Who vouches for plugin.json and, by its hash there, for the library; null where nobody does that is known. */
  readonly signature: Signature | null;
  readonly warnings: readonly Problem[];
}

/** The same, with the very bytes that were checked (T4): to be let go of once they are copied. */
export interface LoadableFiles {
  readonly files: PluginFiles;
  /** The plugin's library, and those that it needs from beside it. */
  readonly libraries: readonly LibraryFile[];
  /** What else plugin.json lists, and is there. */
  readonly listed: readonly ListedFile[];
}

const NOT_NATIVE = "It is an Agent Plugin that holds no native plugin";
const NATIVE_HINT = `One that does has "abi_version" in plugin.json, or in its extension \`${NATIVE_EXTENSION}\`, or a library of its name.`;

/** Problems pile up; what could not be determined stays undefined. */
export class InspectedPlugin {
  /** Canonical once it has been resolved, until then as it was given. */
  path: string;
  /** As plugin.json says, also where something else in it is wrong. */
  name: string | undefined;
  manifest: Metadata | undefined;
  /** What plugin.json says of it as a tool, without what is of a wrong form (A10). */
  tool: ToolMembers = {};
  libraryPath: string | undefined;
  /** False for what has plugin.json in common with native plugins, and nothing else (A8). */
  isNative = true;
  /** Whether there is a directory that may be read. */
  private isThere = false;
  private library: FileContent | undefined;
  private libraries: readonly LibraryFile[] = [];
  private cLibrary: CLibrary | undefined;
  private searched: readonly string[] = [];
  private readonly found: PluginProblem[] = [];
  private readonly options: InspectOptions;
  private readonly integrity: Integrity;

  private constructor(path: string, options: InspectOptions) {
    this.path = path;
    this.options = options;
    this.integrity = new Integrity(options.signatures, {
      path: (name) => join(this.path, name),
      read: (path, what, limit) => this.readFile(path, what, limit, "INTEGRITY_FAILED"),
      hash: (path, what, limit) => this.readChecked(path, what, limit, "INTEGRITY_FAILED", hashRegularFile),
      judge: (path, bytes) => this.judgeListed(path, bytes),
      note: (problem) => this.note(problem),
    });
  }

  static async of(path: string, options: InspectOptions): Promise<InspectedPlugin> {
    const plugin = await InspectedPlugin.ofManifest(path, options);
    if (plugin.isThere && plugin.isNative) {
      await plugin.readLibrary();
      await plugin.integrity.checkOtherFiles(options.allPlatforms === true);
    }
    return plugin;
  }

  /** Of plugin.json only: what the plugin is called. */
  static async ofManifest(path: string, options: InspectOptions): Promise<InspectedPlugin> {
    const plugin = new InspectedPlugin(path, options);
    plugin.isThere = plugin.resolveDirectory();
    if (plugin.isThere) await plugin.readManifest();
    return plugin;
  }

  get problems(): Problem[] {
    return this.found.map(toProblem);
  }

  /** What plugin.json says that it needs. */
  get permissions(): Permissions | null {
    return this.manifest?.permissions ?? null;
  }

  get isValid(): boolean {
    return this.isNative && !this.found.some(isError);
  }

  /**
   * What is needed to load the plugin. A symbol that the library file does not export itself is no obstacle yet: the
   * loader also looks into the libraries that it depends on, and has the last word (A7); so it has on those themselves.
   * @throws DlrpcError the first thing found wrong
   */
  requireLoadable(): LoadableFiles {
    const known = { ...(this.name !== undefined && { plugin: this.name }), path: this.path };
    if (!this.isNative) throw new DlrpcError("INVALID_PLUGIN", NOT_NATIVE, { ...known, hint: NATIVE_HINT });
    for (const problem of this.found) if (isError(problem) && !isForLoader(problem)) throw problem.with(known);
    const { path, libraryPath, library, libraries, cLibrary, searched, manifest } = this;
    if (libraryPath === undefined || library === undefined || manifest === undefined) {
      throw new Error("a plugin without errors lacks a library");
    }
    const warnings = this.found.filter((problem) => !isError(problem));
    const { signature, otherFiles: listed } = this.integrity;
    const { integrity } = library;
    const missing = missingLibrary(this.found);
    const files = { path, libraryPath, integrity, cLibrary, searched, missing, manifest, signature, warnings };
    return { files, libraries, listed };
  }

  note(...problems: readonly (PluginProblem | undefined)[]): void {
    this.found.push(...problems.filter((problem) => problem !== undefined));
  }

  private error(kind: ErrorKind, message: string, details: ErrorDetails = {}): void {
    this.note(new DlrpcError(kind, message, details));
  }

  /** @returns whether there is a directory that may be read */
  private resolveDirectory(): boolean {
    if (this.options.untrusted === "refuse" && !this.options.trust.reaches(this.path)) {
      this.note(untrusted({ canonical: this.path, what: "directory", plugin: this.path }, this.options));
      return false;
    }
    const found = resolve(this.path);
    if ("code" in found || !found.isDirectory) {
      this.note(noDirectory(this.path, found));
      return false;
    }
    this.path = found.canonical;
    return this.checkPlace(this.path, "directory");
  }

  /** Notes where a canonical path is not trusted or writable by others. @returns whether it may be read */
  private checkPlace(canonical: string, what: string): boolean {
    const { mayBeRead, problems } = judgePlace({ canonical, what, plugin: this.path }, this.options);
    for (const problem of problems) {
      if (!this.found.some(({ message }) => message === problem.message)) this.note(problem);
    }
    return mayBeRead;
  }

  private async readManifest(): Promise<void> {
    const path = join(this.path, MANIFEST);
    const content = await this.readFile(path, MANIFEST, LONGEST_METADATA, "INVALID_PLUGIN");
    if (content === undefined) return;
    const {
      metadata,
      described,
      foreignAbi,
      members,
      issues: metadataIssues,
    } = readMetadata(content.bytes, { portable: this.options.portableJson, form: nativeForm });
    const { hashes, issues: hashIssues } = readFileHashes(members.sha256);
    const issues = [...metadataIssues, ...hashIssues];
    this.name = described.name;
    if (isAgentPlugin(members) && !isNative(members) && !hasLibrary(this.path, this.name)) {
      this.isNative = false;
      this.note(warning("NOT_NATIVE", NOT_NATIVE, NATIVE_HINT));
      return;
    }
    this.manifest = metadata;
    if (foreignAbi !== undefined) this.note(abiMismatch(path, foreignAbi));
    if (issues.length > 0) {
      this.error("INVALID_PLUGIN", `${path}: ${listIssues(issues)}`, {
        issues,
        hint: "plugin.json is a JSON object with name, description and version (strings).",
      });
    }
    const tool = metadata === undefined ? undefined : readToolMembers(metadata.raw);
    this.tool = tool?.members ?? {};
    this.note(...manifestWarnings(described, tool?.issues ?? []));
    this.integrity.hashes = hashes;
    await this.integrity.readSignature(content.bytes);
  }

  private async readLibrary(): Promise<void> {
    const path = findLibrary(this.path, this.name);
    if (path === undefined) return this.note(libraryNotFound(this.path, this.name ?? basename(this.path)));
    this.checkPlatformDirectory(dirname(path));
    this.library = await this.readFile(path, "library", LARGEST_FILE, "LIBRARY_LOAD_FAILED");
    if (this.library === undefined) return;
    this.integrity.requireListed(path, this.library);
    await this.inspect(path, this.library.bytes);
  }

  /** Whoever may write to where the library lies may put another there (T3). */
  private checkPlatformDirectory(directory: string): void {
    for (let at = directory; at !== this.path; at = dirname(at)) {
      const found = resolve(at);
      if ("canonical" in found) this.checkPlace(found.canonical, "directory of libraries");
    }
  }

  private async inspect(path: string, bytes: Buffer): Promise<void> {
    try {
      const choice = chooseImage(inspectLibrary(bytes));
      if ("mismatch" in choice) {
        this.error("LIBRARY_LOAD_FAILED", `${path}: ${choice.mismatch}`, {
          library: path,
          reason: choice.reason,
          hint: `Build the plugin for ${ownPlatform}.`,
        });
        return;
      }
      this.cLibrary = cLibraryOf(choice.image.needs);
      this.searched = choice.image.searched;
      this.note(missingSymbols(path, choice.image));
      const images: [path: string, image: LibraryImage][] = [];
      this.libraries = await withDependencies(
        { path, bytes },
        choice.image,
        (needed) => this.readNeeded(needed),
        (path, image) => {
          const stray = strayPlaces(path, image, this.path);
          this.note(stray);
          if (stray === undefined) images.push([path, image]); // elsewhere it must not look
        },
      );
      if (this.cLibrary !== "musl") this.note(...missingLibraries(images)); // whose loader has places of its own
    } catch (error) {
      if (!(error instanceof InspectionError)) throw error;
      this.error("LIBRARY_LOAD_FAILED", `${path} is not a shared library: ${error.message}`, {
        library: path,
        reason: "not-a-library",
        hint: `Build the plugin as a shared library for ${ownPlatform}.`,
      });
    }
  }

  /** One that need not be for this system, nor a library at all. */
  private judgeListed(path: string, bytes: Buffer): void {
    try {
      for (const image of inspectLibrary(bytes)) this.note(strayPlaces(path, image, this.path));
    } catch (error) {
      if (!(error instanceof InspectionError)) throw error;
    }
  }

  /** Reads a library that the plugin's own needs, which is held to the same. */
  private async readNeeded(path: string): Promise<Buffer | undefined> {
    const content = await this.readFile(path, "needed library", LARGEST_FILE, "LIBRARY_LOAD_FAILED");
    if (content !== undefined) this.integrity.requireListed(path, content);
    return content?.bytes;
  }

  private readFile(path: string, what: string, limit: number, code: ErrorKind): Promise<FileContent | undefined> {
    return this.readChecked(path, what, limit, code, readRegularFile);
  }

  /** Reads a file of the plugin, after its links were followed to a trusted place (T2). */
  private async readChecked<T>(
    path: string,
    what: string,
    limit: number,
    code: ErrorKind,
    read: (canonicalPath: string, limit: number) => Promise<T>,
  ): Promise<T | undefined> {
    const found = resolve(path);
    if ("code" in found) {
      this.error(code, `${path} is missing or cannot be reached (${found.code})`, {
        path,
        hint: "A plugin's directory holds plugin.json and the library.",
      });
      return undefined;
    }
    if (!this.checkPlace(found.canonical, what)) return undefined;
    if (what === "library" && this.name !== undefined) this.libraryPath = found.canonical;
    try {
      return await read(found.canonical, limit);
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      this.error(code, `${path}: ${error.message}; a readable regular file is needed`, { path });
      return undefined;
    }
  }
}
