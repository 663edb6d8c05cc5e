// Owns one running dlrpc as its user sees it.

import { EventEmitter } from "node:events";
import type { InitializeResult, ListedPlugin } from "../../protocol/messages.ts";
import type { Connection, RequestOptions } from "./connection.ts";
import { ConnectionLostError, ShuttingDownError } from "./errors.ts";
import type { DiscoveredPlugin, ExitedEvent, LogEvent, Methods, RefusedEvent, Validation } from "./methods.ts";
import { type LoadOptions, Plugin } from "./plugin.ts";
import type { ProgramExit } from "./program.ts";

export interface HostEvents {
  /** A plugin has printed something, or logged it, with a level. */
  log: [LogEvent];
  /** A plugin's process has ended; dlrpc lives on. */
  exited: [ExitedEvent];
  refused: [RefusedEvent];
  /** dlrpc itself has written a diagnostic to its stderr. */
  stderr: [text: string];
  /** dlrpc itself has ended, asked or unasked; all requests have been settled. */
  exit: [ProgramExit];
}

/** A running dlrpc. `await using` ends it. */
export class DlrpcHost extends EventEmitter<HostEvents> implements AsyncDisposable {
  /** What dlrpc said of itself at the start: version, trusted directories, limits, methods. */
  readonly info: InitializeResult;
  private readonly connection: Connection;
  private ending: Promise<ProgramExit> | undefined;

  constructor(connection: Connection, info: InitializeResult) {
    super();
    this.connection = connection;
    this.info = info;
    connection.listener = {
      notification: (method, params) => this.onNotification(method, params),
      stderr: (text) => this.emit("stderr", text),
      ended: (exit) => this.emit("exit", exit),
    };
  }

  /** The id of dlrpc's process. */
  get pid(): number {
    return this.connection.pid;
  }

  /**
   * Loads a plugin: a directory's path (relative to the workspace, else to dlrpc's working directory), or what
   * plugin/load takes. The same directory loaded twice gives two plugins with a state of their own.
   */
  async load(plugin: string | LoadOptions): Promise<Plugin> {
    const { signal, ...params } = typeof plugin === "string" ? { path: plugin } : plugin;
    return new Plugin(this.connection, await this.request("plugin/load", params, { signal }));
  }

  /** What is loaded, how it does, and what it has done. */
  async list(): Promise<ListedPlugin[]> {
    return (await this.request("plugin/list", {})).plugins;
  }

  /** Looks for plugins in trusted directories, by default in all of them. Runs no code of theirs: see `validate`. */
  async discover(dirs?: readonly string[]): Promise<DiscoveredPlugin[]> {
    return (await this.request("plugin/discover", dirs === undefined ? {} : { dirs: [...dirs] })).plugins;
  }

  /** Finds everything that is wrong with a plugin's directory. Runs no code of it: what only the library can say is not known. */
  async validate(path: string): Promise<Validation> {
    return await this.request("plugin/validate", { path });
  }

  /** Any method of the protocol, by its name. */
  async request<Method extends keyof Methods>(
    method: Method,
    params: Methods[Method]["params"],
    options?: RequestOptions,
  ): Promise<Methods[Method]["result"]> {
    return await this.connection.request(method, params, options);
  }

  /**
   * Ends dlrpc in order: no new work, calls finish (within its --drain-ms), plugins are unloaded. Resolves when its
   * process has ended. @throws ConnectionLostError where it ended in another way
   */
  shutdown(): Promise<ProgramExit> {
    this.ending ??= this.end();
    return this.ending;
  }

  /** Ends dlrpc at once, and its plugins with it. Resolves when its process has ended. */
  kill(): Promise<ProgramExit> {
    this.connection.kill();
    return this.connection.ended;
  }

  /** As `shutdown`; that dlrpc has ended already is no error. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.shutdown();
    } catch (error) {
      if (!(error instanceof ConnectionLostError)) throw error;
    }
  }

  private onNotification(method: string, params: object): void {
    if (method === "plugin/log") this.emit("log", params as LogEvent);
    if (method === "plugin/refused") this.emit("refused", params as RefusedEvent);
    if (method === "plugin/exited") this.emit("exited", params as ExitedEvent);
  }

  private async end(): Promise<ProgramExit> {
    try {
      await this.connection.request("shutdown", {});
    } catch (error) {
      if (!(error instanceof ShuttingDownError)) throw error; // a signal came first
    }
    this.connection.end();
    return await this.connection.ended;
  }
}
