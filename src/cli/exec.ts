// Owns `dlrpc exec`: one call of one plugin, for people and scripts.

import type { RawJson } from "../../protocol/raw.ts";
import { goOnUntil } from "../native/reactor.ts";
import { isSuccess } from "../plugins/result.ts";
import { parseOptions, UsageError } from "./options.ts";
import { printError } from "./output.ts";
import { ProgressBar } from "./progress-bar.ts";
import { failAsJson } from "./status.ts";
import { contextOf } from "./trial/call.ts";
import { repetitionTable } from "./trial/repetition.ts";
import { printResult } from "./trial/result.ts";
import { type RunningCall, TriedPlugin } from "./trial/tried-plugin.ts";
import { printWarning, warningText } from "./trial/warning-text.ts";
import { errorFormats, execVerb } from "./verbs/exec.ts";

/** The time of each is kept. */
const MOST_REPEATED = 1_000_000;

/** @returns the exit status @throws UsageError, CommandError, DlrpcError unless errors are to be told as JSON */
export function runExec(args: readonly string[]): Promise<number> {
  const running = goOnUntil(exec(args));
  return wantsJsonErrors(args) ? running.catch(failAsJson) : running;
}

/** Told before the options are read: what is wrong with those is told in the same way. */
function wantsJsonErrors(args: readonly string[]): boolean {
  return args.some((arg, i) => arg === "--error-format=json" || (arg === "--error-format" && args[i + 1] === "json"));
}

async function exec(args: readonly string[]): Promise<number> {
  const options = parseOptions(execVerb, args);
  const [name, stray] = options.positionals;
  if (name === undefined || name === "") throw new UsageError("exec needs the path or the name of a plugin");
  if (stray !== undefined) throw new UsageError(`\`${stray}\` is one too many; exec runs one plugin`);
  options.choice("error-format", errorFormats);
  const context = contextOf(options);
  const streams = options.has("stream");
  const times = options.number("repeat", 1, MOST_REPEATED);
  const plugin = await TriedPlugin.prepare(name, options, new ProgressBar());
  const interruption = new Interruption();
  try {
    for (const problem of await plugin.load()) printWarning(warningText(problem));
    process.once("SIGINT", () => interruption.begin());
    const durations: number[] = [];
    let failures = 0;
    for (;;) {
      const begun = performance.now();
      const result = await interruption.of(plugin.call(context, streams));
      durations.push(performance.now() - begun);
      if (!isSuccess(result)) failures++;
      if (durations.length < (times ?? 1)) continue;
      printResult(result, streams);
      if (times !== undefined) printError(Buffer.from(repetitionTable(durations, failures, plugin.memoryBytes)));
      return failures === 0 ? 0 : 1;
    }
  } finally {
    printError(Buffer.from(await plugin.close()));
    if (interruption.hasBegun) await endAsInterrupted();
  }
}

/** Ctrl-C, which ends the call that runs, and those that were to come. */
class Interruption {
  hasBegun = false;
  private call: RunningCall | undefined;

  begin(): void {
    this.hasBegun = true;
    this.call?.cancel();
  }

  of(call: RunningCall): Promise<RawJson> {
    this.call = call;
    if (this.hasBegun) call.cancel();
    return call.result;
  }
}

/** A shell that runs this in a loop or a script ends, too, where it sees that Ctrl-C has ended it. Its status there is 130. */
function endAsInterrupted(): Promise<never> {
  process.kill(process.pid, "SIGINT"); // it was heard once, and is not any more
  return new Promise(() => {});
}
