// Owns one loaded plugin as its user sees it.

import type { ExecuteParams, LoadParams } from "../../protocol/messages.ts";
import type { Connection, RequestOptions } from "./connection.ts";
import { ConnectionLostError, ShuttingDownError, UnknownHandleError } from "./errors.ts";
import type { JsonObject, JsonValue, LoadedPlugin, Metadata, PlainParams, PluginResult, Progress } from "./methods.ts";
import { PluginStream } from "./stream.ts";

type Which =
  /** The plugin's directory, relative to the workspace, else to dlrpc's working directory. */
  | { path: string; name?: undefined }
  /** The name of a plugin in a trusted directory. */
  | { name: string; path?: undefined };

/** What to load, and how. Aborting the signal ends the load. */
export type LoadOptions = Which & Omit<PlainParams<LoadParams>, "path" | "name"> & RequestOptions;

/** How to run one call; what is left out is as the load said. */
export interface ExecuteOptions<Value = JsonValue>
  extends Omit<PlainParams<ExecuteParams>, "handle" | "input" | "progressToken" | "partialResults">,
    RequestOptions {
  /** Is told when the call leaves the queue, how far the plugin says it is, and when it has its answer. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Is told each partial result, in order, before the call's answer. */
  readonly onOutput?: ((value: Value) => void) | undefined;
}

/** How to run one call whose partial results are iterated over. */
export type StreamOptions = Omit<ExecuteOptions, "onOutput">;

/** A loaded plugin. `await using` unloads it. */
export class Plugin implements AsyncDisposable {
  private readonly connection: Connection;
  private current: LoadedPlugin;

  constructor(connection: Connection, loaded: LoadedPlugin) {
    this.connection = connection;
    this.current = loaded;
  }

  /** dlrpc's name for it, never used again for another. */
  get handle(): string {
    return this.current.handle;
  }

  /** What the plugin says of itself. */
  get metadata(): Metadata {
    return this.current.metadata;
  }

  /** Everything that dlrpc said of it when it was loaded, or reloaded last. */
  get loaded(): LoadedPlugin {
    return this.current;
  }

  /**
   * Calls the plugin. Calls run one at a time in the order in which they were made, unless the plugin is thread-safe.
   * Aborting the signal ends the call. Where it runs already, the plugin's process ends, too, unless the plugin is one that
   * hears of it and returns within `cancelGraceMs`. A result with `success: false` is returned, not thrown.
   * @typeParam Output what this plugin's `output` is known to be; it is not checked
   * @typeParam Value what its partial results are known to be; they are not checked either
   */
  async execute<Output extends object = JsonObject, Value = JsonValue>(
    input: object = {},
    { signal, onProgress, onOutput, ...options }: ExecuteOptions<Value> = {},
  ): Promise<PluginResult<Output>> {
    const progress = onProgress && this.connection.progress(onProgress);
    try {
      const params = {
        ...options,
        handle: this.handle,
        input,
        ...(progress && { progressToken: progress.token }),
        ...(onOutput && { partialResults: true }),
      };
      const how = { signal, onOutput };
      const result: PluginResult<object> = await this.connection.request("plugin/execute", params, how);
      return result as PluginResult<Output>;
    } finally {
      progress?.dispose();
    }
  }

  /**
   * Calls the plugin as `execute` does, at once, and lets its partial results be iterated over as they come: `for await`.
   * @typeParam Value what they are known to be; they are not checked
   * @typeParam Output what the `output` of the result is known to be
   */
  stream<Value = JsonValue, Output extends object = JsonObject>(
    input: object = {},
    { signal, ...options }: StreamOptions = {},
  ): PluginStream<Value, Output> {
    return new PluginStream((onOutput, left) => {
      const either = AbortSignal.any(signal === undefined ? [left] : [left, signal]);
      return this.execute<Output, Value>(input, { ...options, onOutput, signal: either });
    });
  }

  /** Reads the plugin anew from disk, once all earlier calls are done. Where that fails, the old code stays. */
  async reload({ signal }: RequestOptions = {}): Promise<void> {
    this.current = await this.connection.request("plugin/reload", { handle: this.handle }, { signal });
  }

  /** Unloads the plugin once all earlier calls are done, or at once (`force`), which rejects them. */
  async unload({ force = false }: { force?: boolean } = {}): Promise<void> {
    await this.connection.request("plugin/unload", { handle: this.handle, force });
  }

  /** As `unload`; that the plugin, or dlrpc, is gone already is no error. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.unload();
    } catch (error) {
      const isGone = [UnknownHandleError, ShuttingDownError, ConnectionLostError].some((type) => error instanceof type);
      if (!isGone) throw error;
    }
  }
}
