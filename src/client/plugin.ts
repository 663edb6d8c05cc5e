// One loaded plugin as its user sees it.

import { errorKinds } from "../../protocol/error-kinds.ts";
import type { ExecuteParams, LoadParams } from "../../protocol/messages.ts";
import {
  AnyDlrpcError,
  ConnectionLostError,
  type DlrpcError,
  ShuttingDownError,
  UnknownHandleError,
} from "./errors/errors.ts";
import type {
  JsonObject,
  JsonValue,
  LoadedPlugin,
  Metadata,
  Methods,
  PlainParams,
  PluginResult,
  Progress,
} from "./methods.ts";
import { PluginStream } from "./stream.ts";
import type { CallOptions, Connection, RequestOptions } from "./wire/connection.ts";

type Which =
  /** The plugin's directory, relative to the workspace, else to dlrpc's working directory. */
  | { path: string; name?: undefined }
  /** The name of a plugin in a trusted directory. */
  | { name: string; path?: undefined };

/** What plugin/load is sent. */
type PlainLoadParams = Methods["plugin/load"]["params"];

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

/** The dlrpc that plugins are loaded in, whichever runs now. */
interface Dlrpc {
  /** What is loaded again when it is started again. */
  readonly plugins: Set<Plugin>;
  /** What to send a request on, at once where that can be. */
  connection(signal: AbortSignal | undefined): Connection | Promise<Connection>;
}

/** A loaded plugin. `await using` unloads it. */
export class Plugin implements AsyncDisposable {
  private readonly dlrpc: Dlrpc;
  private readonly params: PlainLoadParams;
  private current: LoadedPlugin;
  /** To the dlrpc that it is loaded in. In another one its handle may be another plugin's. */
  private home: Connection;
  /** Why it is not there since dlrpc was started again. */
  private missing: DlrpcError | undefined;
  /** The last of the loads that `reload` has begun. */
  private restoring: Promise<void> = Promise.resolve();

  /**
   * @param params what it was loaded with, and is loaded with again
   * @param home to the dlrpc that it was loaded in
   */
  constructor(dlrpc: Dlrpc, params: PlainLoadParams, home: Connection, loaded: LoadedPlugin) {
    this.dlrpc = dlrpc;
    this.params = params;
    this.home = home;
    this.current = loaded;
    dlrpc.plugins.add(this);
  }

  /** dlrpc's name for it, never used again for another by the same dlrpc. After a restart it has a new one. */
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
   * hears of it and returns within `cancelGraceMs` milliseconds (E4, X7). A result with `success: false` is returned, not
   * thrown.
   * @throws DlrpcError of a kind that plugin/execute can fail with, ConnectionLostError among them
   * @typeParam Output what this plugin's `output` is known to be; it is not checked
   * @typeParam Value what its partial results are known to be; they are not checked either
   */
  async execute<Output extends object = JsonObject, Value = JsonValue>(
    input: object = {},
    { signal, onProgress, onOutput, ...options }: ExecuteOptions<Value> = {},
  ): Promise<PluginResult<Output>> {
    const params = { ...options, input, ...(onOutput && { partialResults: true }) };
    const how = { signal, onOutput, onProgress };
    const result: PluginResult<object> = await this.request("plugin/execute", params, how);
    return result as PluginResult<Output>;
  }

  /**
   * Calls the plugin as `execute` does, at once, and lets its partial results (X4) be iterated over as they come: `for await`.
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

  /**
   * Reads the plugin anew from disk, once all earlier calls are done. Where that fails, the old code stays. One that could not
   * be loaded again after a restart of dlrpc is loaded.
   * @throws DlrpcError of a kind that plugin/reload can fail with, ConnectionLostError among them
   */
  async reload({ signal }: RequestOptions = {}): Promise<void> {
    if (this.missing === undefined) this.current = await this.request("plugin/reload", {}, { signal });
    else await this.restoreIfMissing(await this.dlrpc.connection(signal), signal);
  }

  /**
   * Unloads the plugin once all earlier calls are done, or at once (`force`), which rejects them.
   * @throws DlrpcError UNKNOWN_HANDLE where it is not loaded any more, ConnectionLostError
   */
  async unload({ force = false }: { force?: boolean } = {}): Promise<void> {
    try {
      await this.request("plugin/unload", { force });
    } catch (error) {
      if (error !== this.missing) throw error; // it is not there, as it should be
    } finally {
      this.dlrpc.plugins.delete(this); // also where it is unknown whether dlrpc has seen to it: it has ended then
    }
  }

  /** @internal For the supervisor, when there is another dlrpc. */
  async restore(connection: Connection): Promise<DlrpcError | undefined> {
    try {
      await this.restoreNow(connection);
    } catch (error) {
      if (!(error instanceof AnyDlrpcError)) throw error;
      this.missing = error as DlrpcError;
    }
    return this.missing;
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

  /** One at a time: who comes second finds it loaded. */
  private async restoreIfMissing(connection: Connection, signal: AbortSignal | undefined): Promise<void> {
    const restored = this.restoring.then(async () => {
      if (this.missing !== undefined) await this.restoreNow(connection, signal);
    });
    this.restoring = restored.catch(() => {}); // the caller is told
    await restored;
  }

  private async restoreNow(connection: Connection, signal?: AbortSignal): Promise<void> {
    this.current = await connection.request("plugin/load", this.params, { signal });
    this.home = connection;
    this.missing = undefined;
  }

  /** @throws DlrpcError where a dlrpc is not the one that it is loaded in */
  private throwIfElsewhere(connection: Connection): void {
    if (this.missing !== undefined) throw this.missing;
    if (connection === this.home) return;
    const { handle } = this;
    throw new UnknownHandleError(
      `The plugin with the handle \`${handle}\` was unloaded before dlrpc was started again`,
      {
        data: { handle, hint: errorKinds.UNKNOWN_HANDLE.hint },
      },
    );
  }

  private async request<Method extends "plugin/execute" | "plugin/reload" | "plugin/unload">(
    method: Method,
    params: Omit<Methods[Method]["params"], "handle">,
    options: CallOptions = {},
  ): Promise<Methods[Method]["result"]> {
    const connection = this.dlrpc.connection(options.signal);
    const now = connection instanceof Promise ? await connection : connection; // at once, so that calls keep their order
    if (!now.hasEnded) this.throwIfElsewhere(now);
    return await now.request(method, { ...params, handle: this.handle } as Methods[Method]["params"], options);
  }
}
