// How the protocol's methods look to users of the client: raw JSON is plain JSON here.

import type { PluginMetadata } from "../../protocol/abi.ts";
import type {
  ExecuteParams,
  ExitedParams,
  InitializeParams,
  InitializeResult,
  ListedPlugin,
  LoadParams,
  LoadResult,
  LogParams,
  Permissions,
  Problem,
  ProgressParams,
  DiscoveredPlugin as ProtocolDiscoveredPlugin,
  RefusedParams,
} from "../../protocol/messages.ts";
import type { RawJson } from "../../protocol/raw.ts";

/**
 * JSON as JavaScript reads it: a number beyond 2^53 is rounded, of a key given twice the last counts. dlrpc itself passes
 * everything on as it was written; who needs that reads the messages with a JSON reader of their own.
 */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
/** An object of JSON, as JavaScript reads it. */
export interface JsonObject {
  [key: string]: JsonValue;
}

/** Params as a user gives them: any object that JSON.stringify can write stands for a raw one. */
export type PlainParams<Params> = {
  [Key in keyof Params]: RawJson extends Params[Key] ? Exclude<Params[Key], RawJson> | object : Params[Key];
};

/** A plugin's metadata with the members that it left out filled in; members that dlrpc does not know are kept. */
export type Metadata = { [Key in keyof PluginMetadata]-?: Exclude<PluginMetadata[Key], undefined> };

/** What plugin/load answers. */
export interface LoadedPlugin extends Omit<LoadResult, "metadata"> {
  /** What the plugin's own code said of itself when it was loaded. */
  metadata: Metadata;
}

/** What a plugin answers to a call. `success: false` is an answer like any other, not an error. */
export interface PluginResult<Output = JsonObject> {
  /** Whether the plugin did what it was asked for. */
  success: boolean;
  /** What came of it, as the plugin wrote it. */
  output: Output;
  /** Why there is no success, in the plugin's words. */
  error: string | null;
  /** The files that the plugin says it has made or changed. */
  files: string[];
}

/** A plugin in a trusted directory, as it is on disk: no code of it was run (D1). */
export interface DiscoveredPlugin extends Omit<ProtocolDiscoveredPlugin, "metadata"> {
  /** As plugin.json has it, or null where that cannot be read. */
  metadata: Metadata | null;
}

/** What `validate` has found. */
export interface Validation {
  /** Whether it would load: there is no problem of the severity `error`. */
  valid: boolean;
  /** What its plugin.json says that it needs; null where it says nothing. */
  permissions: Permissions | null;
  /** All that was found, errors and warnings (D3). */
  problems: Problem[];
}

/** Something that a plugin has printed. */
export type LogEvent = Omit<LogParams, "requestId"> & { requestId?: string | number };

/** A plugin's process has ended. */
export type ExitedEvent = ExitedParams;

/** A plugin was refused something, and its load asked for `explain`. */
export type RefusedEvent = RefusedParams;

/** How a call gets on: it leaves the queue, its plugin reports how far it is, it is answered next. */
export type Progress = ProgressParams["value"];

type NoParams = Record<string, never>;
type HandleParams = { handle: string };

/** Every method: what it takes and what it answers. */
export interface Methods {
  initialize: { params: InitializeParams; result: InitializeResult };
  shutdown: { params: NoParams; result: NoParams };
  "rpc.discover": { params: NoParams; result: JsonObject };
  "plugin/load": { params: PlainParams<LoadParams>; result: LoadedPlugin };
  "plugin/metadata": { params: HandleParams; result: Metadata };
  "plugin/execute": { params: PlainParams<ExecuteParams>; result: PluginResult };
  "plugin/unload": { params: { handle: string; force?: boolean | undefined }; result: NoParams };
  "plugin/reload": { params: HandleParams; result: LoadedPlugin };
  "plugin/list": { params: NoParams; result: { plugins: ListedPlugin[] } };
  "plugin/discover": { params: { dirs?: string[] | undefined }; result: { plugins: DiscoveredPlugin[] } };
  "plugin/validate": { params: { path: string }; result: Validation };
}
