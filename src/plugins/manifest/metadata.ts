// Reading a plugin's description of itself, from plugin.json and from vtcode_plugin_metadata (A2, A3).

import { PluginMetadata } from "../../../protocol/abi.ts";
import { metadataDefaults } from "../../../protocol/abi-names.ts";
import { ABI_VERSION } from "../../../protocol/abi-symbols.ts";
import { DlrpcError } from "../../../protocol/errors.ts";
import { matchesKnown, metadataForm } from "../../../protocol/fast-path.ts";
import { RawJson } from "../../../protocol/raw.ts";
import { Permissions } from "../../../protocol/sandbox.ts";
import { DocumentError, excerpt, readDocument } from "../../json/document.ts";
import { unportable } from "../../json/portable.ts";
import { type Issue, judge, listIssues } from "../../json/schema.ts";

export interface Metadata {
  /** As the plugin wrote it, with the optional members that it left out filled in. */
  readonly raw: RawJson;
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly threadSafe: boolean;
  /** What it says that it needs; null where it says nothing that can be understood. */
  readonly permissions: Permissions | null;
}

/** The members that can be judged whatever is wrong with the others; undefined where they are wrong themselves. */
interface ValidMembers {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly version: string | undefined;
}

export interface Described extends Partial<ValidMembers> {
  /** Whether it says for which ABI it is, whatever that is. */
  readonly hasAbiVersion?: boolean;
  readonly permissions?: unknown;
}

export interface MetadataReading {
  /** Undefined where anything is wrong. */
  readonly metadata: Metadata | undefined;
  readonly described: Described;
  /** All that it says, as JavaScript sees it; none where it is no JSON object. */
  readonly members: Readonly<Record<string, unknown>>;
  /** An `abi_version` that is not ours: no issue but an error of its own (A2). */
  readonly foreignAbi: number | undefined;
  readonly issues: readonly Issue[];
}

/** As long as plugin.json may be: whoever reads it parses it whole. */
export const LONGEST_METADATA = 1024 * 1024;

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

interface ReadingOptions {
  readonly portable?: boolean | undefined;
  readonly form?: (object: RawJson) => RawJson;
}

/**
 * Reads metadata, and finds every issue in it.
 * @param how `portable`: whether what not every parser reads is an issue (M13); `form`: what an object is read as
 */
export function readMetadata(
  bytes: Uint8Array,
  { portable = false, form = (object: RawJson) => object }: ReadingOptions = {},
): MetadataReading {
  if (bytes.length > LONGEST_METADATA)
    return unreadable(`${bytes.length} bytes long, at most ${LONGEST_METADATA} are read`);
  let document: RawJson;
  try {
    document = readDocument(withoutBom(bytes));
  } catch (error) {
    if (error instanceof DocumentError) return unreadable(error.message);
    throw error;
  }
  if (!document.isObject) return unreadable("not a JSON object");
  const problem = portable ? unportable(document.bytes) : undefined;
  if (problem !== undefined) return unreadable(`not portable (--portable-json): ${problem}`);
  document = form(document);
  const members = document.parse() as Record<string, unknown>;
  const isFast = matchesKnown(members, metadataForm);
  const judged = isFast ? { data: members as PluginMetadata } : judge(PluginMetadata, members);
  const { abi_version } = members;
  const foreignAbi = typeof abi_version === "number" && abi_version !== ABI_VERSION ? abi_version : undefined;
  return {
    metadata: "data" in judged && foreignAbi === undefined ? metadataOf(document, judged.data) : undefined,
    described: {
      ...(isFast ? validatedMembers(members as PluginMetadata) : validMembers(members)),
      hasAbiVersion: Object.hasOwn(members, "abi_version"),
      permissions: members.permissions,
    },
    members,
    foreignAbi,
    issues: "data" in judged ? [] : judged.issues,
  };
}

function validatedMembers({ name, description, version }: PluginMetadata): ValidMembers {
  return { name, description, version };
}

/** Of the members that name and describe it those that are right by themselves. */
function validMembers({ name, description, version }: Readonly<Record<string, unknown>>): ValidMembers {
  const { shape } = PluginMetadata;
  return {
    name: shape.name.safeParse(name).data,
    description: shape.description.safeParse(description).data,
    version: shape.version.safeParse(version).data,
  };
}

function unreadable(message: string): MetadataReading {
  return { metadata: undefined, described: {}, members: {}, foreignAbi: undefined, issues: [{ path: "", message }] };
}

function metadataOf(document: RawJson, members: PluginMetadata): Metadata {
  const { name, description, version, thread_safe, permissions: asked } = members;
  const permissions = asked === undefined ? null : (Permissions.safeParse(asked).data ?? null);
  const threadSafe = thread_safe === true;
  return { raw: withDefaults(document, members), name, description, version, threadSafe, permissions };
}

/** @throws DlrpcError INVALID_METADATA, ABI_MISMATCH */
export function requireMetadata(bytes: Uint8Array, portable = false): Metadata {
  const { metadata, foreignAbi, issues } = readMetadata(bytes, { portable });
  if (metadata !== undefined) return metadata;
  if (foreignAbi !== undefined) throw abiMismatch("The plugin's metadata", foreignAbi);
  const data = { issues, excerpt: excerpt(bytes) };
  throw new DlrpcError("INVALID_METADATA", `The plugin's metadata: ${listIssues(issues)}`, data);
}

export function abiMismatch(where: string, actual: number): DlrpcError {
  return new DlrpcError("ABI_MISMATCH", `${where}: abi_version is ${actual}, ${ABI_VERSION} is needed`, {
    expected: ABI_VERSION,
    actual,
  });
}

function withoutBom(bytes: Uint8Array): Uint8Array {
  return BOM.equals(bytes.subarray(0, BOM.length)) ? bytes.subarray(BOM.length) : bytes;
}

/** Adds the members that are missing in front of the closing brace: what the plugin wrote stays as it is. */
function withDefaults(document: RawJson, present: PluginMetadata): RawJson {
  const missing = Object.entries(metadataDefaults).filter(([key]) => !Object.hasOwn(present, key));
  const added = missing.map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`).join("");
  const open = document.bytes.subarray(0, document.bytes.length - 1);
  return new RawJson(Buffer.concat([open, Buffer.from(`${added}}`)]));
}
