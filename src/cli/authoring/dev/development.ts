// The rounds of `dlrpc dev`: each builds, loads what was built in the place of what was loaded, and calls it.

import { dirname, join, relative } from "node:path";
import type { Problem } from "../../../../protocol/messages.ts";
import { DirectoryWatch } from "../../../observe/directory-watch.ts";
import { EX_IOERR } from "../../../server/life-cycle.ts";
import { contextOf } from "../../calling/trial/call.ts";
import { TriedPlugin } from "../../calling/trial/tried-plugin.ts";
import type { ParsedOptions } from "../../options.ts";
import { statusOf } from "../../report-error.ts";
import { printError, tell } from "../../text/output.ts";
import { printWarning, warningText } from "../../text/problem-lines.ts";
import { ProgressBar } from "../../text/progress-bar.ts";
import { runBuild } from "./build.ts";
import { type Outcome, showOutcome } from "./outcome.ts";
import { Sources } from "./sources.ts";

export interface DevelopmentOptions {
  /** The plugin's, absolute. */
  readonly directory: string;
  /** What builds it. */
  readonly command: readonly string[];
  readonly options: ParsedOptions;
  /** What its calls are read from, wherever: a change calls for a call, and not for a build. */
  readonly files: readonly string[];
}

/** So many changed files are named. */
const MOST_NAMED = 5;
const MANIFEST = "plugin.json";

export class Development {
  private readonly of: DevelopmentOptions;
  private readonly sources: Sources;
  private readonly watch: DirectoryWatch;
  private readonly bar = new ProgressBar();
  private readonly interrupted = new AbortController();
  private readonly hurried = new AbortController();
  private changed = Promise.withResolvers<void>();
  private plugin: TriedPlugin | undefined;
  private before: Outcome | undefined;
  /** Those of the last load, which are not said again. */
  private warnings: readonly string[] = [];
  /** Whether plugin.json has changed since it was loaded, and with it perhaps what it asks for. */
  private asksForOther = false;

  constructor(of: DevelopmentOptions) {
    this.of = of;
    this.sources = new Sources(of.directory, of.files);
    this.watch = new DirectoryWatch(() => this.changed.resolve());
  }

  /** Builds and calls until it is to end. @returns the exit status */
  async run(): Promise<number> {
    try {
      this.look();
      let status = await this.round(true);
      if (!this.interrupted.signal.aborted) tell(`Waiting for changes in ${this.of.directory}; Ctrl-C ends.`);
      while (!this.interrupted.signal.aborted && status !== EX_IOERR) {
        this.changed = Promise.withResolvers();
        const changed = this.look();
        if (changed.length === 0) await this.changed.promise;
        else status = await this.changedRound(changed);
      }
      return status;
    } finally {
      this.watch.close();
      printError(Buffer.from((await this.plugin?.close()) ?? ""));
    }
  }

  /** Ends it in order, and where it is asked for again, what is being built at once. */
  end(): void {
    if (this.interrupted.signal.aborted) this.hurried.abort();
    this.interrupted.abort();
    this.changed.resolve();
  }

  /** Watches what there is by now. @returns what has changed since the last look */
  private look(): string[] {
    const { directory, files } = this.of;
    this.watch.set([directory, ...files.map((path) => dirname(path))], () => this.sources.directories());
    const changed = this.sources.look();
    if (changed.includes(join(directory, MANIFEST))) this.asksForOther = true;
    return changed;
  }

  private changedRound(changed: readonly string[]): Promise<number> {
    this.tellChanged(changed);
    return this.round(this.plugin === undefined || this.withoutFiles(changed).length > 0);
  }

  /** @returns the status of what came of it, which was told */
  private round(needsBuild: boolean): Promise<number> {
    return statusOf(async () => {
      if (needsBuild && !(await this.build())) return 0;
      try {
        await this.load();
        await this.call();
      } catch (error) {
        if (!this.interrupted.signal.aborted) throw error;
      }
      return 0;
    });
  }

  /** Builds until nothing has changed meanwhile: who saves several files is told of one build. @returns whether it succeeded */
  private async build(): Promise<boolean> {
    const { command, directory } = this.of;
    const { signal } = this.interrupted;
    for (;;) {
      const begun = performance.now();
      tell(`Build: ${command.join(" ")}`);
      const failure = await runBuild(command, directory, { interrupted: signal, hurried: this.hurried.signal });
      if (signal.aborted) return false;
      const changed = this.withoutFiles(this.look());
      if (changed.length > 0) {
        this.tellChanged(changed);
        continue;
      }
      const stays =
        this.plugin === undefined ? "There is nothing to call." : "The plugin that was loaded before stays.";
      if (failure !== undefined) tell(`The build failed: ${failure}. ${stays}`);
      else tell(`Built in ${((performance.now() - begun) / 1000).toFixed(2)} s.`);
      return failure === undefined;
    }
  }

  /** In the place of what was loaded, which stays where this fails. @throws UsageError, CommandError, DlrpcError */
  private async load(): Promise<void> {
    const { plugin } = this;
    const isAnother = plugin === undefined || this.asksForOther;
    const problems = isAnother ? await this.loadAnother() : await plugin.reload(this.interrupted.signal);
    const warnings = problems.map(warningText);
    for (const warning of warnings) if (!this.warnings.includes(warning)) printWarning(warning);
    this.warnings = warnings;
  }

  /** What it is granted is opened anew, too. */
  private async loadAnother(): Promise<readonly Problem[]> {
    const replaced = this.plugin;
    const plugin = await TriedPlugin.prepare(this.of.directory, this.of.options, this.bar);
    try {
      const problems = await plugin.load(this.interrupted.signal);
      this.plugin = plugin;
      this.asksForOther = false;
      return problems;
    } finally {
      const ended = this.plugin === plugin ? replaced : plugin;
      printError(Buffer.from((await ended?.close()) ?? ""));
    }
  }

  /** @throws UsageError, DlrpcError */
  private async call(): Promise<void> {
    const { plugin } = this;
    const { signal } = this.interrupted;
    if (plugin === undefined || signal.aborted) return;
    const context = contextOf(this.of.options);
    const begun = performance.now();
    const result = await plugin.call(context, false, signal);
    const outcome = { result, ms: performance.now() - begun, bytes: plugin.memoryBytes };
    showOutcome(outcome, this.before);
    this.before = outcome;
  }

  private withoutFiles(changed: readonly string[]): string[] {
    return changed.filter((path) => !this.of.files.includes(path));
  }

  private tellChanged(paths: readonly string[]): void {
    const named = paths.slice(0, MOST_NAMED).map((path) => relative(this.of.directory, path));
    const more = paths.length > MOST_NAMED ? ` and ${paths.length - MOST_NAMED} more` : "";
    tell(`\nChanged: ${named.join(", ")}${more}`);
  }
}
