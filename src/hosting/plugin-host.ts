// Owns the handle table: loads plugins under names that are never used again, finds them, ends them.

import { DlrpcError } from "../../protocol/errors.ts";
import type { ExitReason, Isolation, ListedPlugin } from "../../protocol/messages.ts";
import type { Confinement } from "../confinement/policy.ts";
import type { Report } from "../confinement/report.ts";
import type { PluginFiles } from "../plugins/examine.ts";
import { CallQueue } from "./call-queue.ts";
import type { Executor } from "./executor.ts";
import { HoldUp } from "./hold-up.ts";
import { PendingBudget } from "./pending-budget.ts";
import { type CallDefaults, type HandleEvents, PluginHandle, type Running } from "./plugin-handle.ts";
import { removePrivateDirectories } from "./private-directory.ts";
import { Spare } from "./spare.ts";
import { START_DEADLINE_MS, startPlugin } from "./start-plugin.ts";
import { WorkerThread } from "./worker-thread.ts";

/** How many messages of the largest size may wait, over all plugins. */
const PENDING_MESSAGES = 4;

export interface HostOptions {
  /** The longest string that is taken from a plugin; a few times as much may wait for plugins. */
  readonly maxMessageBytes: number;
  readonly maxPending: number;
  readonly concurrency: number;
  readonly events: HandleEvents;
  /** Default: nothing is held up. */
  readonly holdUp?: HoldUp;
}

export interface LoadOptions {
  readonly isolation: Isolation;
  /** How its process is to be confined; it says nothing of a plugin that runs inline. */
  readonly confinement: Confinement;
  /** Judges what the kernel answered before any code of the plugin runs. @throws DlrpcError to refuse the load */
  readonly accept: (report: Report) => void;
  /** Milliseconds until the plugin must be loaded. */
  readonly timeoutMs: number | undefined;
  readonly defaults: CallDefaults;
  /** Ends the load; the reason is the error that it is answered with. */
  readonly cancelled: AbortSignal;
}

type StartContext = Omit<LoadOptions, "defaults">;

export class PluginHost {
  private readonly options: HostOptions;
  private readonly spare: Spare;
  private readonly pendingBudget: PendingBudget;
  private readonly handles = new Map<string, PluginHandle>();
  private readonly underway = new Set<Promise<unknown>>();
  private readonly closing = new AbortController();
  private lastNumber = 0;

  constructor(options: HostOptions) {
    this.options = options;
    this.spare = new Spare({ maxResultBytes: options.maxMessageBytes, threads: options.concurrency });
    this.pendingBudget = new PendingBudget(PENDING_MESSAGES * options.maxMessageBytes);
  }

  /**
   * Keeps a worker ready for the next load or restart: worth it where more than one is to be expected.
   * @param confinement how the next plugin is most likely to be confined
   */
  keepSpare(confinement: Confinement): void {
    this.spare.keep(confinement);
  }

  /**
   * Loads a plugin under a new handle (P1, P2). A load that fails leaves nothing behind (P3).
   * @param read examines the plugin's files
   * @throws DlrpcError
   */
  load(read: () => Promise<PluginFiles>, options: LoadOptions): Promise<PluginHandle> {
    return this.track(this.loadNow(read, options));
  }

  /** @throws DlrpcError UNKNOWN_HANDLE */
  find(id: string): PluginHandle {
    const handle = this.handles.get(id);
    if (handle !== undefined) return handle;
    throw new DlrpcError("UNKNOWN_HANDLE", `There is no plugin with the handle \`${id}\``, { handle: id });
  }

  /**
   * Ends a plugin: from now on its handle is unknown.
   * @param force whether calls that run or wait are ended with REQUEST_CANCELLED; else they finish first
   * @throws DlrpcError UNKNOWN_HANDLE
   */
  unload(id: string, force: boolean): Promise<void> {
    const handle = this.find(id);
    this.handles.delete(id);
    const cancelled = () => new DlrpcError("REQUEST_CANCELLED", "The plugin was unloaded by force", handle.identity);
    return this.track(force ? handle.abort(cancelled, "unload") : this.unloadInOrder(handle, "unload"));
  }

  list(): ListedPlugin[] {
    return [...this.handles.values()].map((handle) => handle.describe());
  }

  /** Ends every plugin in order; what is not done after `drainMs` is ended with SHUTTING_DOWN (L2). */
  async close(drainMs: number): Promise<void> {
    const shuttingDown = () =>
      new DlrpcError("SHUTTING_DOWN", `dlrpc ended before this was done (after ${drainMs} ms)`);
    const deadline = setTimeout(() => this.closing.abort(shuttingDown()), drainMs);
    await Promise.allSettled(this.underway);
    await Promise.allSettled([...this.handles.keys()].map((id) => this.shutDown(id)));
    clearTimeout(deadline);
    await this.spare.close();
    await removePrivateDirectories();
  }

  private async loadNow(read: () => Promise<PluginFiles>, options: LoadOptions): Promise<PluginHandle> {
    const { isolation, defaults } = options;
    const start = (files: PluginFiles, cancelled: AbortSignal) => this.start(files, { ...options, cancelled });
    const cancelled = AbortSignal.any([options.cancelled, this.closing.signal]);
    const files = await read();
    const running = await start(files, cancelled);
    const { maxPending, concurrency, events, holdUp = new HoldUp(() => false) } = this.options;
    const queue = new CallQueue(maxPending, this.pendingBudget);
    const id = `${running.metadata.name}-${++this.lastNumber}`;
    const handle = new PluginHandle(id, files, running, {
      isolation,
      defaults,
      queue,
      concurrency,
      events,
      holdUp,
      start,
    });
    this.handles.set(id, handle);
    return handle;
  }

  private async start(files: PluginFiles, options: StartContext): Promise<Running> {
    const { maxMessageBytes, concurrency } = this.options;
    const { isolation, confinement, accept, timeoutMs, cancelled } = options;
    const executor: Executor =
      isolation === "inline" ? new WorkerThread(maxMessageBytes) : await this.spare.take(confinement);
    const metadata = await startPlugin(executor, files, {
      timeoutMs: timeoutMs ?? START_DEADLINE_MS,
      concurrency,
      accept,
      cancelled,
    });
    return { executor, metadata };
  }

  private shutDown(id: string): Promise<void> {
    const handle = this.find(id);
    this.handles.delete(id);
    return this.unloadInOrder(handle, "shutdown");
  }

  /** Unloads behind what is queued, until the whole program has to end. */
  private async unloadInOrder(handle: PluginHandle, reason: ExitReason): Promise<void> {
    const { signal } = this.closing;
    let aborted: Promise<void> | undefined;
    const abort = () => {
      aborted = handle.abort(() => signal.reason.with(handle.identity), "shutdown");
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
    try {
      if (!signal.aborted) await handle.unload(reason);
    } finally {
      signal.removeEventListener("abort", abort);
      await aborted;
    }
  }

  private track<T>(work: Promise<T>): Promise<T> {
    this.underway.add(work);
    const done = () => this.underway.delete(work);
    work.then(done, done);
    return work;
  }
}
