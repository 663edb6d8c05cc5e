// Owns one loaded plugin as its host knows it: what it is, and what can be asked of it.

import { residentBytes } from "#platform/processes/resident-memory";
import { DlrpcError, type ErrorDetails } from "../../protocol/errors.ts";
import type { ExitReason, ListedPlugin, Refusal } from "../../protocol/messages.ts";
import type { RawJson } from "../../protocol/raw.ts";
import type { Disposables } from "../base/disposables.ts";
import type { Call } from "../calls/call.ts";
import { Dispatcher, type DispatcherOptions } from "../calls/dispatcher.ts";
import type { Code, Executor, ExecutorEvents, Running } from "../calls/executor/executor.ts";
import type { Recorder } from "../calls/recorder.ts";
import { Statistics } from "../observe/statistics.ts";
import type { PluginFiles } from "../plugins/inspected-plugin.ts";
import type { Metadata } from "../plugins/manifest/metadata.ts";
import type { Confinement } from "../sandbox-policy/policy.ts";
import type { ConfinementReport } from "../sandbox-policy/report.ts";

/** What a loaded plugin needs from around it. */
export interface HandleOptions extends Omit<DispatcherOptions, "handle" | "statistics" | "recorded"> {
  readonly confinement: Confinement;
  readonly defaults: CallDefaults;
  /** What its processes inherit; given back when the last one has ended. */
  readonly grants: Disposables;
  /** Examines the plugin's files anew, and copies them. @throws DlrpcError */
  read(): Promise<Code>;
  readonly events: HandleEvents;
  readonly recorder: Recorder | undefined;
}

/** What plugin/load set for every call that does not say otherwise. */
export interface CallDefaults {
  readonly config: RawJson | undefined;
  readonly timeoutMs: number | undefined;
}

export interface HandleEvents extends ExecutorEvents {
  refused(handle: string, refusal: Refusal): void;
}

/** For whoever does not want to hear of it; what plugins write is kept for the errors of their calls all the same. */
export const unheard: HandleEvents = { hearsOutput: false, output() {}, exited() {}, refused() {} };

export class PluginHandle {
  readonly id: string;
  private readonly options: HandleOptions;
  private readonly statistics = new Statistics();
  private readonly calls: Dispatcher;
  private readonly executor: Executor;
  private readonly resources: Disposables;

  constructor(id: string, code: Code, running: Running, options: HandleOptions) {
    this.id = id;
    this.options = options;
    const { recorder, confinement, events } = options;
    const recorded = (call: Call, error: DlrpcError) => recorder?.record(call, error, this) ?? error;
    this.calls = new Dispatcher(code, running, { ...options, handle: id, statistics: this.statistics, recorded });
    this.executor = this.calls.executor;
    this.resources = options.grants.move();
    this.resources.defer(() => this.executor.code[Symbol.dispose]());
    confinement.explanation?.tellTo((refusal) => events.refused(id, refusal));
    this.executor.serve(running);
  }

  get metadata(): Metadata {
    return this.executor.metadata;
  }

  /** How what was loaded last is confined. */
  get report(): ConfinementReport {
    return this.executor.report;
  }

  get files(): PluginFiles {
    return this.executor.code.files;
  }

  get confinement(): Confinement {
    return this.options.confinement;
  }

  get defaults(): CallDefaults {
    return this.options.defaults;
  }

  /** What every error of this handle says about it. */
  get identity(): ErrorDetails {
    return this.executor.identity;
  }

  /** Queues a call, or refuses it: either way it gets its one answer. */
  execute(call: Call): void {
    this.calls.execute(call);
  }

  /** Ends a call because its host asked for that (E4); one that has its answer is left alone. */
  cancel(call: Call): void {
    this.calls.cancel(call);
  }

  /**
   * Replaces the code, read anew, once all earlier calls are done. On failure the old code stays.
   * @throws DlrpcError why the new code did not load
   */
  reload(cancelled: AbortSignal): Promise<void> {
    return this.calls.step(false, () => this.executor.reload(() => this.options.read(), cancelled));
  }

  /** Ends the plugin's process once all earlier calls are done. */
  unload(reason: ExitReason): Promise<void> {
    return this.calls.step(true, async () => {
      await this.executor.end(reason, new DlrpcError("REQUEST_CANCELLED", "The plugin was unloaded"), false);
      this.resources.dispose();
    });
  }

  /** Ends everything now: what runs and what waits is answered with `error()`. */
  async abort(error: () => DlrpcError, reason: ExitReason): Promise<void> {
    this.calls.abandon(error);
    await this.executor.end(reason, error(), true);
    this.resources.dispose();
  }

  /** @returns undefined where it has ended: then it is in no list */
  describe(): ListedPlugin | undefined {
    const { id: handle, metadata, files, statistics, executor } = this;
    const { name: state } = executor.state;
    if (state === "starting" || state === "ended") return undefined;
    const { name, version } = metadata;
    const { calls, errors, crashes, restarts, timeouts, discarded } = statistics;
    const [p50Ms, p99Ms] = [statistics.percentile(50), statistics.percentile(99)];
    const pid = executor.worker?.pid ?? null;
    const rssBytes = pid === null ? null : residentBytes(pid);
    const explained = this.confinement.explanation?.describe();
    return {
      handle,
      name,
      version,
      path: files.path,
      state,
      isolation: "process",
      permissions: files.manifest.permissions,
      ...(explained !== undefined && { explained }),
      pid,
      running: this.calls.running,
      queued: this.calls.waiting,
      stats: { calls, errors, crashes, restarts, timeouts, discarded, p50Ms, p99Ms, rssBytes },
    };
  }
}
