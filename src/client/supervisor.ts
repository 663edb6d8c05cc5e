// Which dlrpc a host talks to: the one that was started, or, where `restart` asks for it, the one that has taken the
// place of one that ended unasked.
//
// The rule about what is sent again: nothing. A request that was written to a program may have begun there, whatever became
// of the program, and fails with `sideEffectsUnknown`. One that is made while there is no program waits for the next, and
// was written to none before. Only the loads of the plugins that were loaded are made anew, as plugins have no state else.

import { setTimeout as delay } from "node:timers/promises";
import type { InitializeResult } from "../../protocol/messages.ts";
import { AnyDlrpcError, type DlrpcError } from "./errors/errors.ts";
import type { Plugin } from "./plugin.ts";
import type { ProgramExit } from "./process/program.ts";
import type { RestartRecord } from "./process/restart-record.ts";
import { type Started, type StartOptions, start } from "./process/start.ts";
import type { Connection } from "./wire/connection.ts";

export interface SupervisorListener {
  notification(method: string, params: object): void;
  stderr(text: string): void;
  restarting(error: DlrpcError, attempt: number, delayMs: number): void;
  restarted(failed: ReadonlyMap<Plugin, DlrpcError>): void;
  gaveUp(error: DlrpcError): void;
  /** Nothing comes after this. */
  exit(exit: ProgramExit): void;
}

export class Supervisor {
  /** What is loaded again, in this order. */
  readonly plugins = new Set<Plugin>();
  private readonly options: StartOptions;
  private readonly record: RestartRecord | undefined;
  private readonly listener: SupervisorListener;
  private running: Started;
  /** The program that is to take its place, while it is made ready. */
  private coming: Connection | undefined;
  /** Resolves when requests can be sent again, or never more: then with the connection that has ended. */
  private next = Promise.withResolvers<Connection>();
  /** Resolves when nothing of a restart goes on. */
  private restart = Promise.resolve();
  private readonly stopping = new AbortController();

  /** @param record the rule by which it is started again; undefined: it is not */
  constructor(
    options: StartOptions,
    record: RestartRecord | undefined,
    started: Started,
    listener: SupervisorListener,
  ) {
    this.options = options;
    this.record = record;
    this.listener = listener;
    this.running = started;
    this.listenTo(started.connection);
  }

  get info(): InitializeResult {
    return this.running.info;
  }

  get pid(): number {
    return this.running.connection.pid;
  }

  /**
   * What to send a request on, at once where that can be. One that has ended for good rejects whatever is sent.
   * @throws RequestCancelledError where the signal is aborted while there is no program
   */
  connection(signal: AbortSignal | undefined): Connection | Promise<Connection> {
    const { connection } = this.running;
    const isOver = this.record === undefined || this.stopping.signal.aborted;
    if (isOver || !connection.hasEnded || signal?.aborted === true) return connection;
    return signal === undefined ? this.next.promise : unlessAborted(this.next.promise, connection, signal);
  }

  /** Ends the program in order, and whatever was to take its place. @throws ConnectionLostError where it ended otherwise */
  async shutdown(): Promise<ProgramExit> {
    this.stop();
    const { connection } = this.running;
    if (connection.hasEnded) await Promise.all([this.coming?.shutdown().catch(expectDlrpcs), this.restart]);
    return await connection.shutdown();
  }

  /** Ends it at once. */
  async kill(): Promise<ProgramExit> {
    this.stop();
    this.running.connection.kill();
    this.coming?.kill();
    await this.restart;
    return await this.running.connection.ended;
  }

  private stop(): void {
    this.stopping.abort();
    if (this.running.connection.hasEnded) this.next.resolve(this.running.connection);
  }

  private listenTo(connection: Connection): void {
    connection.listener = {
      notification: (method, params) => this.listener.notification(method, params),
      stderr: (text) => this.listener.stderr(text),
      ended: (exit) => {
        if (connection === this.running.connection) this.onEnded(exit);
      },
    };
  }

  private onEnded(exit: ProgramExit): void {
    const { record } = this;
    if (record === undefined || this.stopping.signal.aborted) return this.listener.exit(exit);
    this.restart = this.bringBack(record).then(() => {
      if (this.running.connection.hasEnded) this.listener.exit(exit);
    });
  }

  private async bringBack(record: RestartRecord): Promise<void> {
    let error: DlrpcError | undefined = this.running.connection.lost;
    while (error !== undefined && !this.stopping.signal.aborted) {
      const delayMs = record.next();
      if (delayMs === undefined) return this.giveUp(error, record);
      this.listener.restarting(error, record.attempts, delayMs);
      await delay(delayMs, undefined, { signal: this.stopping.signal }).catch(() => {}); // aborted: the loop ends
      if (!this.stopping.signal.aborted) error = await this.startAgain();
    }
  }

  /** @returns why there is no program again, where there is none */
  private async startAgain(): Promise<DlrpcError | undefined> {
    try {
      const started = await start({ ...this.options, signal: this.stopping.signal });
      const { connection } = started;
      this.coming = connection;
      this.listenTo(connection);
      const failed = await this.loadAgain(connection);
      if (this.stopping.signal.aborted) await connection.shutdown();
      if (connection.hasEnded) return connection.lost;
      this.running = started;
      this.next.resolve(connection);
      this.next = Promise.withResolvers();
      setImmediate(() => this.listener.restarted(failed)); // when what waited has been sent
      return undefined;
    } catch (error) {
      if (!(error instanceof AnyDlrpcError)) throw error;
      return error as DlrpcError;
    } finally {
      this.coming = undefined;
    }
  }

  /** @returns which are not there again, and why */
  private async loadAgain(connection: Connection): Promise<ReadonlyMap<Plugin, DlrpcError>> {
    const failed = new Map<Plugin, DlrpcError>();
    const restored = [...this.plugins].map(async (plugin) => {
      const error = await plugin.restore(connection);
      if (error !== undefined) failed.set(plugin, error);
    });
    await Promise.all(restored);
    return failed;
  }

  private giveUp(error: DlrpcError, { words }: RestartRecord): void {
    this.running.connection.lostHint = `dlrpc ended too often (${words}) and is not started again. Spawn it anew.`;
    this.stop();
    this.listener.gaveUp(error);
  }
}

/** @returns what the promise is fulfilled with, or `otherwise`, which refuses what is aborted */
async function unlessAborted<T>(promise: Promise<T>, otherwise: T, signal: AbortSignal): Promise<T> {
  const { promise: aborted, resolve } = Promise.withResolvers<T>();
  const onAbort = () => resolve(otherwise);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** That it ends in another way than asked for is no failure of what it was to be. */
function expectDlrpcs(error: unknown): void {
  if (!(error instanceof AnyDlrpcError)) throw error;
}
