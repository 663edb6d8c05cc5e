// Owns the handle table: loads plugins under names that are never used again, finds them, ends them.

import { DlrpcError } from "../../protocol/errors.ts";
import type { ExitReason, ListedPlugin } from "../../protocol/messages.ts";
import { Disposables } from "../base/disposables.ts";
import { type FlowControl, noBackPressure } from "../calls/back-pressure.ts";
import { CallQueue } from "../calls/call-queue.ts";
import type { Code, Running } from "../calls/executor/executor.ts";
import { PendingBudget } from "../calls/pending-budget.ts";
import type { Recorder } from "../calls/recorder.ts";
import type { ResultRules } from "../calls/result.ts";
import { knownError, throwIfExhausted } from "../platform/exhaustion.ts";
import type { LoadableFiles, PluginFiles } from "../plugins/inspected-plugin.ts";
import type { Variables } from "../sandbox/environment.ts";
import { type Grant, openGrant } from "../sandbox-policy/grants.ts";
import type { Confinement } from "../sandbox-policy/policy.ts";
import { FrameBudget } from "../workers/frame-budget.ts";
import { copyLibraries } from "../workers/library-copy.ts";
import { removePrivateDirectories } from "../workers/private-directory.ts";
import { missingCall } from "../workers/start-error.ts";
import type { WorkerListener } from "../workers/worker-listener.ts";
import { WorkerProcess } from "../workers/worker-process.ts";
import { type CallDefaults, type HandleEvents, PluginHandle } from "./plugin-handle.ts";
import { START_DEADLINE_MS, type StartOptions, startPlugin } from "./start-plugin.ts";

/** How many messages of the largest size may wait, over all plugins. */
const PENDING_MESSAGES = 4;
/** How many results of the largest size may have arrived in part, over all plugins. */
const BEGUN_FRAMES = 4;

export interface PluginTableOptions {
  /** The longest string that is taken from a plugin; a few times as much may wait for plugins. */
  readonly maxMessageBytes: number;
  readonly maxPending: number;
  /** How many handles there may be, loads under way included. */
  readonly maxHandles: number;
  readonly concurrency: number;
  /** Whether what plugins say is refused where not every parser reads it (M13); default: no. */
  readonly portableJson?: boolean;
  readonly events: HandleEvents;
  /** Default: the host keeps up. */
  readonly flow?: FlowControl;
  /** Default: no call is recorded (R1). */
  readonly recorder?: Recorder | undefined;
}

export interface LoadOptions extends Pick<StartOptions, "accept" | "cancelled"> {
  /** How its processes are to be confined; the grants are given back when the last one has ended. */
  readonly confinement: Confinement;
  /** Variables beside those that all workers have. */
  readonly environment: Variables;
  /** Milliseconds until the plugin must be loaded. */
  readonly timeoutMs: number | undefined;
  readonly defaults: CallDefaults;
  /** Is told what the plugin prints before it is loaded, each time; default: nobody. */
  readonly printed?: WorkerListener["output"];
}

type StartContext = Omit<LoadOptions, "defaults">;

export class PluginTable {
  private readonly options: PluginTableOptions;
  private readonly rules: ResultRules;
  private readonly pendingBudget: PendingBudget;
  private readonly frames: FrameBudget;
  private readonly handles = new Map<string, PluginHandle>();
  private readonly underway = new Set<Promise<unknown>>();
  private readonly closing = new AbortController();
  private loading = 0;
  private lastNumber = 0;

  constructor(options: PluginTableOptions) {
    this.options = options;
    this.rules = { maxBytes: options.maxMessageBytes, portable: options.portableJson ?? false };
    this.pendingBudget = new PendingBudget(PENDING_MESSAGES * options.maxMessageBytes);
    this.frames = new FrameBudget(BEGUN_FRAMES * options.maxMessageBytes);
  }

  /**
   * Loads a plugin under a new handle (P1, P2). A load that fails leaves nothing behind (P3).
   * @param read examines the plugin's files
   * @throws DlrpcError
   */
  load(read: () => Promise<LoadableFiles>, options: LoadOptions): Promise<PluginHandle> {
    return this.track(this.loadWithin(read, options));
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
    return [...this.handles.values()].flatMap((handle) => handle.describe() ?? []);
  }

  /** Ends every plugin in order; what is not done after `drainMs` is ended with SHUTTING_DOWN (L2). */
  async close(drainMs: number): Promise<void> {
    const shuttingDown = () =>
      new DlrpcError("SHUTTING_DOWN", `dlrpc ended before this was done (after ${drainMs} ms)`);
    const deadline = setTimeout(() => this.closing.abort(shuttingDown()), drainMs);
    await Promise.allSettled(this.underway);
    await Promise.allSettled([...this.handles.keys()].map((id) => this.shutDown(id)));
    clearTimeout(deadline);
    await removePrivateDirectories();
  }

  /** @throws DlrpcError RESOURCES_EXHAUSTED where there are as many handles as may be */
  private async loadWithin(read: () => Promise<LoadableFiles>, options: LoadOptions): Promise<PluginHandle> {
    using begun = new Disposables();
    for (const grant of [...options.confinement.read, ...options.confinement.write]) begun.use(grant);
    const { maxHandles } = this.options;
    if (this.handles.size + this.loading >= maxHandles) throw tooManyHandles(maxHandles);
    this.loading++;
    try {
      return await this.loadNow(read, options, begun);
    } finally {
      this.loading--;
    }
  }

  private async loadNow(
    read: () => Promise<LoadableFiles>,
    options: LoadOptions,
    begun: Disposables,
  ): Promise<PluginHandle> {
    const readCode = async () => prepare(await read());
    const code = await readCode();
    using copied = new Disposables();
    copied.use(code);
    const cancelled = AbortSignal.any([options.cancelled, this.closing.signal]);
    const running = await this.start(code, { ...options, cancelled });
    copied.move(); // it is the handle's, which may replace it
    const { maxPending, concurrency, events, flow = noBackPressure } = this.options;
    const handle = new PluginHandle(`${running.metadata.name}-${++this.lastNumber}`, code, running, {
      confinement: options.confinement,
      defaults: options.defaults,
      grants: begun.move(),
      queue: new CallQueue(maxPending, this.pendingBudget),
      concurrency,
      rules: this.rules,
      events,
      flow,
      recorder: this.options.recorder,
      read: readCode,
      start: (code, cancelled) => this.start(code, { ...options, cancelled }),
    });
    this.handles.set(handle.id, handle);
    return handle;
  }

  private async start(code: Code, options: StartContext): Promise<Running> {
    const { rules } = this;
    const { concurrency } = this.options;
    const { confinement, environment, accept, timeoutMs = START_DEADLINE_MS, printed, cancelled } = options;
    const { files, copy, directory } = code;
    const begun = performance.now();
    try {
      const worker = new WorkerProcess({
        plugin: files,
        code: copy,
        directory,
        confinement,
        environment,
        maxResultBytes: rules.maxBytes,
        frames: this.frames,
      });
      const how = { begun, timeoutMs, rules, concurrency, confinement, accept, printed, cancelled };
      return await startPlugin(worker, copy.pathFor(worker.pid), files, how);
    } catch (error) {
      const known = knownError(error) ?? missingCall(error);
      throw known?.with({ plugin: files.manifest.name, path: files.path }) ?? error;
    }
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
    const tracked = work.finally(() => this.underway.delete(tracked));
    this.underway.add(tracked);
    return tracked;
  }
}

function tooManyHandles(limit: number): DlrpcError {
  return new DlrpcError("RESOURCES_EXHAUSTED", `${limit} plugins are loaded, or being loaded: no more may be`, {
    resource: "handles",
    limit,
    hint: "Unload plugins that are not needed, or raise --max-handles.",
  });
}

async function prepare({ files, libraries, listed }: LoadableFiles): Promise<Code> {
  using opened = new Disposables();
  const directory = opened.use(openDirectory(files));
  const copy = opened.use(await copyLibraries(libraries, listed));
  const resources = opened.move();
  return { files, copy, directory, [Symbol.dispose]: () => resources.dispose() };
}

/** @throws DlrpcError PATH_NOT_FOUND where something else was put in its place since it was examined */
function openDirectory({ path, manifest }: PluginFiles): Grant {
  try {
    return openGrant(path);
  } catch (error) {
    throwIfExhausted(error);
    throw new DlrpcError("PATH_NOT_FOUND", `${path} was moved while it was loaded: ${error}`, {
      plugin: manifest.name,
      path,
      hint: "Load it again once it is in place.",
    });
  }
}
