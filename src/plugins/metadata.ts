// Owns reading a plugin's description of itself, from plugin.json and from vtcode_plugin_metadata (A2, A3).

import { ABI_VERSION, metadataDefaults, PluginMetadata } from "../../protocol/abi.ts";
import { DlrpcError } from "../../protocol/errors.ts";
import { RawJson } from "../../protocol/raw.ts";
import { DocumentError, excerpt, readDocument } from "../json/document.ts";
import { listMistakes, type Mistake, mistakesOf } from "../json/schema.ts";

export interface Metadata {
  /** As the plugin wrote it, with the optional members that it left out filled in. */
  readonly raw: RawJson;
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly threadSafe: boolean;
}

export type MetadataReading = { metadata: Metadata } | { mistakes: readonly Mistake[]; abiVersion?: number };

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Reads metadata, or finds every mistake in it. A wrong `abi_version` is reported by itself: it has its own error. */
export function readMetadata(bytes: Uint8Array): MetadataReading {
  let document: RawJson;
  try {
    document = readDocument(withoutBom(bytes));
  } catch (error) {
    if (error instanceof DocumentError) return { mistakes: [{ path: "", message: error.message }] };
    throw error;
  }
  if (!document.isObject) return { mistakes: [{ path: "", message: "not a JSON object" }] };
  const value = document.parse();
  const parsed = PluginMetadata.safeParse(value);
  if (!parsed.success) return { mistakes: mistakesOf(parsed.error, PluginMetadata) };
  const { name, description, version, abi_version, thread_safe } = parsed.data;
  if (abi_version !== undefined && abi_version !== ABI_VERSION) return { mistakes: [], abiVersion: abi_version };
  const raw = withDefaults(document, parsed.data);
  return { metadata: { raw, name, description, version, threadSafe: thread_safe === true } };
}

/** @throws DlrpcError INVALID_METADATA, ABI_MISMATCH */
export function requireMetadata(bytes: Uint8Array): Metadata {
  const reading = readMetadata(bytes);
  if ("metadata" in reading) return reading.metadata;
  if (reading.abiVersion !== undefined) throw abiMismatch("The plugin's metadata", reading.abiVersion);
  throw new DlrpcError("INVALID_METADATA", `The plugin's metadata: ${listMistakes(reading.mistakes)}`, {
    issues: reading.mistakes,
    excerpt: excerpt(bytes),
    hint: "vtcode_plugin_metadata must return a JSON object with name, description and version (strings).",
  });
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
