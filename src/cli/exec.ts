// Owns `dlrpc exec`: one call of one plugin, for people and scripts.

import type { Problem } from "../../protocol/messages.ts";
import { goOnUntil } from "../native/reactor.ts";
import { log } from "../observe/log.ts";
import { isSuccess } from "../plugins/result.ts";
import { parseOptions, UsageError } from "./options.ts";
import { printError } from "./output.ts";
import { inOwnWords } from "./own-words.ts";
import { ProgressBar } from "./progress-bar.ts";
import { failAsJson } from "./status.ts";
import { contextOf } from "./trial/call.ts";
import { printResult } from "./trial/result.ts";
import { TriedPlugin } from "./trial/tried-plugin.ts";
import { errorFormats, execVerb } from "./verbs/exec.ts";

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
  const plugin = await TriedPlugin.prepare(name, options, new ProgressBar());
  let isInterrupted = false;
  try {
    for (const problem of await plugin.load()) log("warn", described(problem));
    const call = plugin.call(context, streams);
    process.once("SIGINT", () => {
      isInterrupted = true;
      call.cancel();
    });
    const result = await call.result;
    printResult(result, streams);
    return isSuccess(result) ? 0 : 1;
  } finally {
    printError(Buffer.from(await plugin.close()));
    if (isInterrupted) await endAsInterrupted();
  }
}

/** A warning, and what can be done about it. */
function described({ code, message, hint }: Problem): string {
  return `${code}: ${message}${hint === undefined ? "" : `\n  ${inOwnWords(hint)}`}`;
}

/** A shell that runs this in a loop or a script ends, too, where it sees that Ctrl-C has ended it. Its status there is 130. */
function endAsInterrupted(): Promise<never> {
  process.kill(process.pid, "SIGINT"); // it was heard once, and is not any more
  return new Promise(() => {});
}
