// One plugin that is tried on the command line: its load as the options say, its calls, its end.

import { DlrpcError } from "../../../../protocol/errors.ts";
import type { OutputStream, Problem } from "../../../../protocol/messages.ts";
import type { RawJson } from "../../../../protocol/raw.ts";
import { Call } from "../../../calls/call.ts";
import type { Context } from "../../../calls/context.ts";
import type { Recorder } from "../../../calls/recorder.ts";
import { type PluginHandle, unheard } from "../../../plugin-table/plugin-handle.ts";
import { PluginTable } from "../../../plugin-table/plugin-table.ts";
import type { LoadableFiles, PluginFiles } from "../../../plugins/inspected-plugin.ts";
import type { Variables } from "../../../sandbox/environment.ts";
import type { Confinement } from "../../../sandbox-policy/policy.ts";
import { environmentOf } from "../../../server/loading/environment.ts";
import { loadWarnings } from "../../../server/loading/load-warnings.ts";
import { withRequested } from "../../../server/loading/requested-grants.ts";
import { confinementOf, requireEnforced } from "../../../server/loading/sandbox.ts";
import type { Session } from "../../../server/session.ts";
import { defaultSettings } from "../../../server/settings.ts";
import type { ParsedOptions } from "../../options.ts";
import { recorderOf } from "../../serving/recording.ts";
import type { ProgressBar } from "../../text/progress-bar.ts";
import { explanationTable } from "../explanation-table.ts";
import { workspaceOf } from "./call.ts";
import { findPlugin, sessionOf } from "./find-plugin.ts";
import { grantsOf, variablesOf } from "./grants.ts";
import { ShownCall, withoutTails } from "./shown-call.ts";

/** How a plugin is loaded, as far as that can be known before. */
interface Preparation {
  readonly session: Session;
  readonly read: () => Promise<LoadableFiles>;
  readonly confinement: Confinement;
  readonly environment: Variables;
  readonly timeoutMs: number | undefined;
  readonly recorder: Recorder | undefined;
}

export class TriedPlugin {
  private readonly plugins: PluginTable;
  private readonly bar: ProgressBar;
  private readonly prepared: Preparation;
  private handle: PluginHandle | undefined;
  private hasPrinted = false;
  /** Whether it did not load for want of what would have told of refusals. */
  private isUnexplained = false;

  private constructor(prepared: Preparation, bar: ProgressBar) {
    this.prepared = prepared;
    this.bar = bar;
    this.plugins = new PluginTable({
      maxMessageBytes: defaultSettings.maxMessageBytes,
      maxPending: 1,
      maxHandles: 1,
      concurrency: 1,
      recorder: prepared.recorder,
      events: { ...unheard, hearsOutput: true, output: (_handle, stream, bytes) => this.print(stream, bytes) },
    });
  }

  /**
   * Finds the plugin and opens what it is granted; none of its code runs. Whoever has it closes it.
   * @param name the path or the name of a plugin
   * @param bar where all is shown that the plugin says
   * @param accept throws for files that are not to be run
   * @throws UsageError, CommandError, DlrpcError
   */
  static async prepare(
    name: string,
    options: ParsedOptions,
    bar: ProgressBar,
    accept: (files: PluginFiles) => void = () => {},
  ): Promise<TriedPlugin> {
    const session = sessionOf(options, workspaceOf(options));
    const timeoutMs = options.number("timeout-ms", 1);
    const environment = environmentOf(variablesOf(options), {}, session);
    const given = grantsOf(options);
    let examined: LoadableFiles | undefined = (await findPlugin(name, session)).requireLoadable();
    accept(examined.files);
    const recorder = recorderOf(options);
    const { permissions } = examined.files.manifest;
    const grants = options.has("grant-requested") ? withRequested(given, permissions) : given;
    const confinement = confinementOf(grants, session);
    /** What was examined already is loaded first; each reload looks anew. */
    const read = async (): Promise<LoadableFiles> => {
      const files = examined ?? (await findPlugin(name, session)).requireLoadable();
      examined = undefined;
      return files;
    };
    return new TriedPlugin({ session, read, confinement, environment, timeoutMs, recorder }, bar);
  }

  /** @returns what is to be warned of @throws DlrpcError */
  async load(cancelled: AbortSignal): Promise<Problem[]> {
    const { read, confinement, environment, timeoutMs, session } = this.prepared;
    const loading = this.plugins.load(read, {
      confinement,
      environment,
      accept: (report) => requireEnforced(confinement, report),
      timeoutMs,
      defaults: { config: undefined, timeoutMs },
      printed: (stream, bytes) => this.print(stream, bytes),
      cancelled,
    });
    this.handle = await loading.catch((error) => this.fail(error));
    return loadWarnings(this.handle, session);
  }

  /**
   * Loads the plugin's code as it is by now; where that fails, the code that was loaded stays.
   * @returns what is to be warned of @throws DlrpcError why it did not load
   */
  async reload(cancelled: AbortSignal): Promise<Problem[]> {
    this.hasPrinted = false;
    await this.loaded.reload(cancelled).catch((error) => this.fail(error));
    return loadWarnings(this.loaded, this.prepared.session);
  }

  /**
   * @param streams whether partial results are printed to stdout
   * @returns what the call ends with @throws DlrpcError; CannotPrint where a partial result could not be printed
   */
  async call(context: Context, streams: boolean, cancelled: AbortSignal): Promise<RawJson> {
    const shown = new ShownCall(this.bar, streams);
    const times = { timeoutMs: this.prepared.timeoutMs, graceMs: defaultSettings.cancelGraceMs };
    const call = new Call(this.loaded, context, times, shown);
    this.loaded.execute(call);
    const cancel = () => call.cancel();
    if (cancelled.aborted) cancel();
    cancelled.addEventListener("abort", cancel);
    try {
      return await shown.settled;
    } finally {
      cancelled.removeEventListener("abort", cancel);
      cancel(); // it may run on where what it says cannot be printed
    }
  }

  /** The memory of its process; null where that is not known. */
  get memoryBytes(): number | null {
    return this.loaded.describe()?.stats.rssBytes ?? null;
  }

  /** Ends it. @returns what is to be said of it at the end (`--explain`), or nothing */
  async close(): Promise<string> {
    this.bar.end();
    await this.plugins.close(defaultSettings.drainMs);
    this.bar.close();
    const explained = this.isUnexplained ? undefined : this.prepared.confinement.explanation?.describe();
    return explained === undefined ? "" : explanationTable(explained);
  }

  private print(stream: OutputStream, bytes: Buffer): void {
    this.hasPrinted = true;
    this.bar.printed(stream, bytes);
  }

  /** A load failed: what the plugin has printed by then is shown already. */
  private fail(error: unknown): never {
    this.isUnexplained = error instanceof DlrpcError && error.kind === "SANDBOX_UNAVAILABLE";
    throw this.hasPrinted && error instanceof DlrpcError ? withoutTails(error) : error;
  }

  private get loaded(): PluginHandle {
    if (this.handle === undefined) throw new Error("it is called before it is loaded");
    return this.handle;
  }
}
