// `dlrpc exec`: one call of one plugin, for people and scripts.

import type { RawJson } from "../../../protocol/raw.ts";
import type { Context } from "../../calls/context.ts";
import { isSuccess } from "../../calls/result.ts";
import { onlyOperand, parseOptions } from "../options.ts";
import { reportErrorAsJson } from "../report-error.ts";
import { printError } from "../text/output.ts";
import { printWarning, warningText } from "../text/problem-lines.ts";
import { ProgressBar } from "../text/progress-bar.ts";
import { contextOf } from "./trial/call.ts";
import { Interruption } from "./trial/interruption.ts";
import { repetitionTable } from "./trial/repetition.ts";
import { printResult } from "./trial/result.ts";
import { TriedPlugin } from "./trial/tried-plugin.ts";
import { errorFormats, execVerb } from "./verbs.ts";

/** The time of each is kept. */
const MOST_REPEATED = 1_000_000;

/** @returns the exit status @throws UsageError, CommandError, DlrpcError unless errors are to be told as JSON */
export function runExec(args: readonly string[]): Promise<number> {
  return wantsJsonErrors(args) ? exec(args).catch(reportErrorAsJson) : exec(args);
}

/** Told before the options are read: what is wrong with those is told in the same way. */
function wantsJsonErrors(args: readonly string[]): boolean {
  return args.some((arg, i) => arg === "--error-format=json" || (arg === "--error-format" && args[i + 1] === "json"));
}

async function exec(args: readonly string[]): Promise<number> {
  const options = parseOptions(execVerb, args);
  const name = onlyOperand(options, "exec needs the path or the name of a plugin", "exec runs one plugin");
  options.choice("error-format", errorFormats);
  const context = contextOf(options);
  const streams = options.has("stream");
  const times = options.number("repeat", 1, MOST_REPEATED);
  const plugin = await TriedPlugin.prepare(name, options, new ProgressBar());
  let explained = "";
  try {
    const interruption = new Interruption();
    const running = run(plugin, context, { streams, times }, interruption);
    const { last, durations, failures, memoryBytes } = await running.finally(async () => {
      explained = await plugin.close();
      await interruption.end(); // a signal may end what is left to be printed
    });
    printResult(last, streams);
    if (times !== undefined) printError(Buffer.from(repetitionTable(durations, failures, memoryBytes)));
    return failures === 0 ? 0 : 1;
  } finally {
    printError(Buffer.from(explained));
  }
}

interface Ran {
  readonly last: RawJson;
  readonly durations: readonly number[];
  readonly failures: number;
  readonly memoryBytes: number | null;
}

async function run(
  plugin: TriedPlugin,
  context: Context,
  { streams, times = 1 }: { readonly streams: boolean; readonly times: number | undefined },
  interruption: Interruption,
): Promise<Ran> {
  for (const problem of await plugin.load(interruption.signal)) printWarning(warningText(problem));
  const durations: number[] = [];
  let failures = 0;
  for (;;) {
    const begun = performance.now();
    const last = await plugin.call(context, streams, interruption.signal);
    durations.push(performance.now() - begun);
    if (!isSuccess(last)) failures++;
    if (durations.length === times) return { last, durations, failures, memoryBytes: plugin.memoryBytes };
  }
}
