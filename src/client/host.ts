// One running dlrpc as its user sees it.

import { EventEmitter } from "node:events";
import type { InitializeResult, ListedPlugin } from "../../protocol/messages.ts";
import type { NotificationName } from "../../protocol/wanted.ts";
import { ConnectionLostError, type DlrpcError } from "./errors/errors.ts";
import type { DiscoveredPlugin, ExitedEvent, LogEvent, Methods, RefusedEvent, Validation } from "./methods.ts";
import { type LoadOptions, Plugin } from "./plugin.ts";
import type { ProgramExit } from "./process/program.ts";
import type { RestartRecord } from "./process/restart-record.ts";
import type { Started, StartOptions } from "./process/start.ts";
import { Supervisor } from "./supervisor.ts";
import { outside, type RequestOptions } from "./wire/connection.ts";

/** The events of a DlrpcHost, with what their listeners are given. */
export interface HostEvents {
  /** A plugin has printed something, or logged it, with a level. */
  log: [LogEvent];
  /** A plugin's process has ended; dlrpc lives on. */
  exited: [ExitedEvent];
  /** A plugin was refused something (S22); only of loads with `explain`. */
  refused: [RefusedEvent];
  /** dlrpc itself has written a diagnostic to its stderr. */
  stderr: [text: string];
  /** dlrpc has ended unasked, or could not be started again, and is started again after `delayMs`. */
  restarting: [RestartingEvent];
  /** There is a dlrpc again; calls that have waited have been sent. */
  restarted: [RestartedEvent];
  /** dlrpc has ended too often, and is not started again. `exit` comes next. */
  gaveUp: [error: DlrpcError];
  /** dlrpc itself has ended for good, asked or unasked; all requests have been settled. */
  exit: [ProgramExit];
}

/** The event that each notification is; undefined for those that their call's listener is told. */
const eventOf = {
  "plugin/log": "log",
  "plugin/exited": "exited",
  "plugin/refused": "refused",
  "$/progress": undefined,
  "plugin/output": undefined,
} as const satisfies Record<NotificationName, keyof HostEvents | undefined>;

/** A restart that begins after a while. */
export interface RestartingEvent {
  /** How the last one ended, or why there is none. */
  readonly error: DlrpcError;
  /** The number of this restart within the window. */
  readonly attempt: number;
  /** How long it waits before that, in milliseconds. */
  readonly delayMs: number;
}

/** A restart that is done. */
export interface RestartedEvent {
  /** The plugins that could not be loaded again. Each call of one fails with the error, until `reload` succeeds. */
  readonly failed: readonly { readonly plugin: Plugin; readonly error: DlrpcError }[];
}

/** A running dlrpc. `await using` ends it. */
export class DlrpcHost extends EventEmitter<HostEvents> implements AsyncDisposable {
  private readonly supervisor: Supervisor;
  private ending: Promise<ProgramExit> | undefined;

  constructor(options: StartOptions, record: RestartRecord | undefined, started: Started) {
    super();
    this.supervisor = new Supervisor(options, record, started, {
      notification: (method, params) => this.onNotification(method, params),
      stderr: (text) => this.emit("stderr", text),
      restarting: (error, attempt, delayMs) => outside(() => this.emit("restarting", { error, attempt, delayMs })),
      restarted: (failed) =>
        outside(() => this.emit("restarted", { failed: [...failed].map(([plugin, error]) => ({ plugin, error })) })),
      gaveUp: (error) => outside(() => this.emit("gaveUp", error)),
      exit: (exit) => outside(() => this.emit("exit", exit)),
    });
  }

  /** What dlrpc said of itself when it was started: version, trusted directories, limits, methods. */
  get info(): InitializeResult {
    return this.supervisor.info;
  }

  /** The id of dlrpc's process, or of its last one. */
  get pid(): number {
    return this.supervisor.pid;
  }

  /**
   * Loads a plugin: a directory's path (relative to the workspace, else to dlrpc's working directory), or what
   * plugin/load takes. The same directory loaded twice gives two plugins with a state of their own (P1).
   * @throws DlrpcError of a kind that plugin/load can fail with, ConnectionLostError among them
   */
  async load(plugin: string | LoadOptions): Promise<Plugin> {
    const { signal, ...params } = typeof plugin === "string" ? { path: plugin } : plugin;
    const connection = this.supervisor.connection(signal);
    const now = connection instanceof Promise ? await connection : connection; // as in `request`
    return new Plugin(this.supervisor, params, now, await now.request("plugin/load", params, { signal }));
  }

  /** What is loaded, how it does, and what it has done. Times are in milliseconds. @throws ConnectionLostError */
  async list(): Promise<ListedPlugin[]> {
    return (await this.request("plugin/list", {})).plugins;
  }

  /**
   * Looks for plugins in trusted directories, by default in all of them. Runs no code of theirs (D1): see `validate`.
   * @throws DlrpcError UNTRUSTED_PATH where a directory is not trusted, ConnectionLostError
   */
  async discover(dirs?: readonly string[]): Promise<DiscoveredPlugin[]> {
    return (await this.request("plugin/discover", dirs === undefined ? {} : { dirs: [...dirs] })).plugins;
  }

  /**
   * Finds everything that is wrong with a plugin's directory (D3). Runs no code of it: what only the library can say is not
   * known. @throws ConnectionLostError
   */
  async validate(path: string): Promise<Validation> {
    return await this.request("plugin/validate", { path });
  }

  /**
   * Any method of the protocol, by its name. What is loaded in this way is not loaded again after a restart.
   * @throws DlrpcError of a kind that the method can fail with, ConnectionLostError among them
   */
  async request<Method extends keyof Methods>(
    method: Method,
    params: Methods[Method]["params"],
    options: RequestOptions = {},
  ): Promise<Methods[Method]["result"]> {
    const connection = this.supervisor.connection(options.signal);
    const now = connection instanceof Promise ? await connection : connection; // at once, so that calls keep their order
    return await now.request(method, params, options);
  }

  /**
   * Ends dlrpc in order: no new work, calls finish (within its --drain-ms), plugins are unloaded. Resolves when its
   * process has ended. @throws ConnectionLostError where it ended in another way
   */
  shutdown(): Promise<ProgramExit> {
    this.ending ??= this.supervisor.shutdown();
    return this.ending;
  }

  /** Ends dlrpc at once, and its plugins with it. Resolves when its process has ended. */
  kill(): Promise<ProgramExit> {
    return this.supervisor.kill();
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
    const event = eventOf[method as NotificationName]; // undefined for what a later dlrpc may say, too
    if (event !== undefined) this.emit(event, params as never); // dlrpc gives what the contract says
  }
}
